#include "maps.h"

struct flow { __u64 queued, consumed, limit; __u32 fallen_back; };

MAP(REDIRECT_FLOWS, BPF_MAP_TYPE_HASH, 65536, __u64, struct flow);
STORAGE(SOCKET_COOKIE, __u64);

SEC("tp_btf/sock_recv_length")
int count_consumed(__u64 *arguments)
{
    int result = arguments[1], flags = arguments[2];
    if (result <= 0 || flags & 2)
        return 0;
    __u64 *cookie = bpf_sk_storage_get(&SOCKET_COOKIE, (void *)arguments[0], 0, 0);
    if (!cookie)
        return 0;
    __u64 key = *cookie;
    struct flow *flow = bpf_map_lookup_elem(&REDIRECT_FLOWS, &key);
    if (flow)
        __sync_fetch_and_add(&flow->consumed, result);
    return 0;
}
