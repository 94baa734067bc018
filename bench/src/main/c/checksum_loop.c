#include "maps.h"

SEC("xdp")
int checksum_loop(struct xdp_md *context)
{
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    __u32 sum = 0;
    for (int i = 0; i < 64; i++) {
        void *word = frame + 2 * i;
        if (word + 2 > end)
            break;
        sum += bpf_ntohs(*(__u16 *)word);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}
