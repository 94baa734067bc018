#include "maps.h"

struct stats { __u64 bytes_sent, bytes_received, packets_sent, packets_received, start_time; };
struct flow { __u64 queued, consumed, limit, ahead; __u32 state, reserved; };
struct enrolled { __u64 cookie, passed; __u32 role, reserved; };
enum { WAITING, REDIRECTING, FALLEN_BACK };
enum { CLIENT = 2 };

MAP(SOCK_MAP, BPF_MAP_TYPE_SOCKHASH, 65536, __u64, __u64);
MAP(CONNECTION_MAP, BPF_MAP_TYPE_HASH, 65536, __u64, __u64);
MAP(CONNECTION_STATS, BPF_MAP_TYPE_HASH, 65536, __u64, struct stats);
MAP(TRAFFIC_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, 256, __u32, __u64);
MAP(REDIRECT_FLOWS, BPF_MAP_TYPE_HASH, 65536, __u64, struct flow);
STORAGE(ENROLLED, struct enrolled);

static __always_inline void add(__u32 counter, __u64 amount)
{
    __u64 *total = bpf_map_lookup_elem(&TRAFFIC_STATS, &counter);
    if (total)
        *total += amount;
}

static __always_inline bool is_redirected(struct flow *flow, struct enrolled *sender, __u64 bytes)
{
    if (flow->state == WAITING) {
        if ((__s64)flow->consumed >= (__s64)(flow->ahead + sender->passed)) {
            flow->queued = flow->consumed;
            flow->state = REDIRECTING;
        } else {
            sender->passed += bytes;
            return false;
        }
    }
    if (flow->state != REDIRECTING)
        return false;
    if ((__s64)(flow->queued - flow->consumed) > (__s64)flow->limit) {
        flow->state = FALLEN_BACK;
        add(7, 1);
        return false;
    }
    return true;
}

static __always_inline void count(struct enrolled *sender, __u64 receiver, __u64 bytes)
{
    bool client = sender->role == CLIENT;
    __u64 key = client ? sender->cookie : receiver;
    struct stats *stats = bpf_map_lookup_elem(&CONNECTION_STATS, &key);
    if (client) {
        if (stats) {
            __sync_fetch_and_add(&stats->bytes_sent, bytes);
            __sync_fetch_and_add(&stats->packets_sent, 1);
        }
        add(0, bytes);
        add(2, 1);
    } else {
        if (stats) {
            __sync_fetch_and_add(&stats->bytes_received, bytes);
            __sync_fetch_and_add(&stats->packets_received, 1);
        }
        add(1, bytes);
        add(3, 1);
    }
}

SEC("sk_msg")
int redirect_msg(struct sk_msg_md *message)
{
    struct bpf_sock *socket = message->sk;
    if (!socket)
        return SK_PASS;
    struct enrolled *own = bpf_sk_storage_get(&ENROLLED, socket, 0, 0);
    if (!own)
        return SK_PASS;
    __u64 bytes = message->size, sender = own->cookie;
    __u64 *peer = bpf_map_lookup_elem(&CONNECTION_MAP, &sender);
    if (!peer) {
        own->passed += bytes;
        return SK_PASS;
    }
    __u64 receiver = *peer;
    struct flow *flow = bpf_map_lookup_elem(&REDIRECT_FLOWS, &receiver);
    if (!flow || !is_redirected(flow, own, bytes))
        return SK_PASS;
    __sync_fetch_and_add(&flow->queued, bytes);
    if (bpf_msg_redirect_hash(message, &SOCK_MAP, &receiver, BPF_F_INGRESS) != SK_PASS) {
        flow->state = FALLEN_BACK;
        return SK_PASS;
    }
    count(own, receiver, bytes);
    return SK_PASS;
}
