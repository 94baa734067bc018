#include "maps.h"

SEC("xdp")
int ipv6_extensions(struct xdp_md *context)
{
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + 14 > end)
        return XDP_PASS;
    __u32 type = bpf_ntohs(*(__u16 *)(frame + 12)), offset = 14;
    for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
        void *tag = frame + offset;
        if (tag + 4 > end)
            return XDP_PASS;
        type = bpf_ntohs(*(__u16 *)(tag + 2));
        offset += 4;
    }
    void *network = frame + offset;
    if (type != 0x86dd || network + 40 > end)
        return XDP_PASS;
    __u32 next = *(__u8 *)(network + 6);
    void *header = network + 40;
    for (int i = 0; i < 6; i++) {
        if (next != 0 && next != 43 && next != 60)
            break;
        if (header + 8 > end)
            return XDP_DROP;
        next = *(__u8 *)header;
        header += (*(__u8 *)(header + 1) + 1) << 3;
    }
    return next == 6 ? XDP_PASS : XDP_DROP;
}
