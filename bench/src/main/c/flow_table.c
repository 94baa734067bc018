#include "maps.h"

struct flow_key { __u32 source, destination; __u16 source_port, destination_port; };
struct flow_value { __u64 packets, bytes, last_seen; };

MAP(FLOWS, BPF_MAP_TYPE_HASH, 65536, struct flow_key, struct flow_value);

SEC("tc")
int flow_table(struct __sk_buff *packet)
{
    void *frame = (void *)(long)packet->data, *end = (void *)(long)packet->data_end;
    if (frame + 54 > end)
        return 0;
    __u8 *byte = frame;
    if (*(__u16 *)(frame + 12) != bpf_htons(0x0800) || byte[14] != 0x45 || byte[23] != 6)
        return 0;
    struct flow_key key = { *(__u32 *)(frame + 26), *(__u32 *)(frame + 30), *(__u16 *)(frame + 34), *(__u16 *)(frame + 36) };
    struct flow_value *flow = bpf_map_lookup_elem(&FLOWS, &key);
    if (flow) {
        flow->packets++;
        flow->bytes += packet->len;
        flow->last_seen = bpf_ktime_get_ns();
        return 0;
    }
    struct flow_value first = { 1, packet->len, bpf_ktime_get_ns() };
    bpf_map_update_elem(&FLOWS, &key, &first, BPF_NOEXIST);
    return 0;
}
