#include "maps.h"

struct bucket { __u64 updated; __u32 tokens; __u32 refused; };

MAP(BUCKETS, BPF_MAP_TYPE_LRU_HASH, 65536, __u32, struct bucket);

#define CAPACITY 100
#define NANOS_PER_TOKEN 10000000ull

SEC("xdp")
int rate_limiter(struct xdp_md *context)
{
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + 54 > end || *(__u16 *)(frame + 12) != bpf_htons(0x0800))
        return XDP_PASS;
    __u32 source = *(__u32 *)(frame + 26);
    __u64 now = bpf_ktime_get_ns();
    struct bucket *bucket = bpf_map_lookup_elem(&BUCKETS, &source);
    if (!bucket) {
        struct bucket first = { now, CAPACITY - 1, 0 };
        bpf_map_update_elem(&BUCKETS, &source, &first, BPF_NOEXIST);
        return XDP_PASS;
    }
    __u64 earned = (now - bucket->updated) / NANOS_PER_TOKEN;
    if (earned) {
        __u64 tokens = bucket->tokens + earned;
        bucket->tokens = tokens > CAPACITY ? CAPACITY : tokens;
        bucket->updated += earned * NANOS_PER_TOKEN;
    }
    if (!bucket->tokens) {
        bucket->refused++;
        return XDP_DROP;
    }
    bucket->tokens--;
    return XDP_PASS;
}
