#include "maps.h"

struct stats { __u64 bytes_sent, bytes_received, packets_sent, packets_received, start_time; };
struct flow { __u64 queued, consumed, limit; __u32 fallen_back; };

MAP(SOCK_MAP, BPF_MAP_TYPE_SOCKHASH, 65536, __u64, __u64);
MAP(CONNECTION_MAP, BPF_MAP_TYPE_HASH, 65536, __u64, __u64);
MAP(CONNECTION_STATS, BPF_MAP_TYPE_HASH, 65536, __u64, struct stats);
MAP(TRAFFIC_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, 256, __u32, __u64);
MAP(REDIRECT_FLOWS, BPF_MAP_TYPE_HASH, 65536, __u64, struct flow);
STORAGE(SOCKET_COOKIE, __u64);

static __always_inline void add(__u32 counter, __u64 amount)
{
    __u64 *total = bpf_map_lookup_elem(&TRAFFIC_STATS, &counter);
    if (total)
        *total += amount;
}

static __always_inline bool has_room(__u64 receiver, __u32 size)
{
    struct flow *flow = bpf_map_lookup_elem(&REDIRECT_FLOWS, &receiver);
    if (!flow || flow->fallen_back)
        return false;
    if ((__s64)(flow->queued - flow->consumed) > (__s64)flow->limit) {
        flow->fallen_back = 1;
        add(7, 1);
        return false;
    }
    __sync_fetch_and_add(&flow->queued, size);
    return true;
}

static __always_inline void count(__u64 sender, __u64 receiver, __u32 size)
{
    struct stats *sent = bpf_map_lookup_elem(&CONNECTION_STATS, &sender);
    if (sent) {
        __sync_fetch_and_add(&sent->bytes_sent, size);
        __sync_fetch_and_add(&sent->packets_sent, 1);
    }
    struct stats *received = bpf_map_lookup_elem(&CONNECTION_STATS, &receiver);
    if (received) {
        __sync_fetch_and_add(&received->bytes_received, size);
        __sync_fetch_and_add(&received->packets_received, 1);
    }
    add(0, size);
    add(2, 1);
}

SEC("sk_msg")
int redirect_msg(struct sk_msg_md *message)
{
    struct bpf_sock *socket = message->sk;
    if (!socket)
        return SK_PASS;
    __u64 *own = bpf_sk_storage_get(&SOCKET_COOKIE, socket, 0, 0);
    if (!own)
        return SK_PASS;
    __u64 sender = *own;
    __u64 *peer = bpf_map_lookup_elem(&CONNECTION_MAP, &sender);
    if (!peer)
        return SK_PASS;
    __u64 receiver = *peer;
    __u32 size = message->size;
    if (!has_room(receiver, size))
        return SK_PASS;
    count(*own, receiver, size);
    return bpf_msg_redirect_hash(message, &SOCK_MAP, &receiver, BPF_F_INGRESS);
}
