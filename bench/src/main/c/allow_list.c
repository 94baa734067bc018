#include "maps.h"

struct ipv4_prefix { __u32 prefix_length, address; };
struct ipv6_prefix { __u32 prefix_length, word[4]; };

MAP(CONFIG, BPF_MAP_TYPE_ARRAY, 32, __u32, __u32);
MAP(TRAFFIC_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, 256, __u32, __u64);
MAP(IP_WHITELIST, BPF_MAP_TYPE_HASH, 10000, __u32, __u8);
TRIE(ALLOW_IPV4, 10000, struct ipv4_prefix, __u8);
TRIE(ALLOW_IPV6, 10000, struct ipv6_prefix, __u8);

enum { PASSED = 4, NOT_ALLOWED = 5, MALFORMED = 6 };

static __always_inline bool is_allowed(__u8 *entry) { return entry && *entry == 1; }

static __always_inline __u32 judge_ipv4(void *header, void *end)
{
    __u8 *byte = header;
    if (header + 20 > end || byte[0] >> 4 != 4 || (byte[0] & 0xf) << 2 < 20)
        return MALFORMED;
    __u32 source = *(__u32 *)(header + 12);
    if (is_allowed(bpf_map_lookup_elem(&IP_WHITELIST, &source)))
        return PASSED;
    struct ipv4_prefix prefix = { 32, source };
    return is_allowed(bpf_map_lookup_elem(&ALLOW_IPV4, &prefix)) ? PASSED : NOT_ALLOWED;
}

static __always_inline __u32 judge_ipv6(void *header, void *end)
{
    __u8 *byte = header;
    if (header + 40 > end || byte[0] >> 4 != 6)
        return MALFORMED;
    __u32 *source = header + 8;
    struct ipv6_prefix prefix = { 128, { source[0], source[1], source[2], source[3] } };
    return is_allowed(bpf_map_lookup_elem(&ALLOW_IPV6, &prefix)) ? PASSED : NOT_ALLOWED;
}

static __always_inline __u32 judge(void *frame, void *end)
{
    if (frame + 14 > end)
        return MALFORMED;
    __u32 type = bpf_ntohs(*(__u16 *)(frame + 12)), length = 14;
    for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
        void *tag = frame + length;
        if (tag + 4 > end)
            return MALFORMED;
        type = bpf_ntohs(*(__u16 *)(tag + 2));
        length += 4;
    }
    switch (type) {
    case 0x0800: return judge_ipv4(frame + length, end);
    case 0x86dd: return judge_ipv6(frame + length, end);
    default: return PASSED;
    }
}

SEC("xdp")
int allow_list(struct xdp_md *context)
{
    __u32 setting = 0;
    __u32 *on = bpf_map_lookup_elem(&CONFIG, &setting);
    if (!on || !*on)
        return XDP_PASS;
    __u32 counter = judge((void *)(long)context->data, (void *)(long)context->data_end);
    __u64 *total = bpf_map_lookup_elem(&TRAFFIC_STATS, &counter);
    if (total)
        *total += 1;
    return counter == PASSED ? XDP_PASS : XDP_DROP;
}
