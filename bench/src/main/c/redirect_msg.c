#include "maps.h"

struct stats { __u64 bytes_sent, bytes_received, packets_sent, packets_received, start_time; };
struct flow { __u64 sent, redirected, consumed, limit, messages; __u32 state, sequence_offset; };
struct enrolled { __u64 cookie; __u32 sequence, role, small_buffer, reserved; };
enum { WAITING, REDIRECTING, ENDED };
enum { HELD, WRITTEN_OFF, LIMIT };
enum { CLIENT = 2 };

MAP(SOCK_MAP, BPF_MAP_TYPE_SOCKHASH, 65536, __u64, __u64);
MAP(CONNECTION_MAP, BPF_MAP_TYPE_HASH, 65536, __u64, __u64);
MAP(CONNECTION_STATS, BPF_MAP_TYPE_HASH, 65536, __u64, struct stats);
MAP(TRAFFIC_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, 256, __u32, __u64);
MAP(REDIRECT_FLOWS, BPF_MAP_TYPE_HASH, 65536, __u64, struct flow);
MAP(REDIRECT_BUDGET, BPF_MAP_TYPE_ARRAY, 3, __u32, __u64);
STORAGE(ENROLLED, struct enrolled);

static __always_inline void add(__u32 counter, __u64 amount)
{
    __u64 *total = bpf_map_lookup_elem(&TRAFFIC_STATS, &counter);
    if (total)
        __sync_fetch_and_add(total, amount);
}

static __always_inline void hold(__s64 bytes)
{
    __u32 key = HELD;
    __u64 *held = bpf_map_lookup_elem(&REDIRECT_BUDGET, &key);
    if (held)
        __sync_fetch_and_add(held, bytes);
}

static __always_inline __s64 budget(__u32 key)
{
    __u64 *value = bpf_map_lookup_elem(&REDIRECT_BUDGET, &key);
    return value ? *value : 0;
}

static __always_inline __s64 limit_of(struct flow *flow)
{
    if ((__s64)flow->limit > 65536 && budget(HELD) - budget(WRITTEN_OFF) > budget(LIMIT))
        return 65536;
    return flow->limit;
}

static __always_inline bool count_passed(struct flow *flow, struct enrolled *sender, struct bpf_sock *socket)
{
    void *tcp = bpf_skc_to_tcp_sock(socket);
    __u32 sequence;
    if (!tcp || bpf_probe_read_kernel(&sequence, sizeof sequence, tcp + flow->sequence_offset))
        return false;
    flow->sent += sequence - sender->sequence;
    sender->sequence = sequence;
    return true;
}

static __always_inline bool is_redirected(struct flow *flow, struct enrolled *sender)
{
    if (flow->state == ENDED)
        return false;
    if ((__s64)flow->consumed >= (__s64)flow->sent) {
        flow->state = REDIRECTING;
        hold(-flow->messages);
        flow->messages = 0;
    }
    if (flow->state == WAITING)
        return false;
    if ((__s64)(flow->sent - flow->consumed + flow->messages) > limit_of(flow)) {
        flow->state = WAITING;
        if (!sender->small_buffer)
            sender->small_buffer = 1;
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
    if (!peer)
        return SK_PASS;
    __u64 receiver = *peer;
    struct flow *flow = bpf_map_lookup_elem(&REDIRECT_FLOWS, &receiver);
    if (!flow || !count_passed(flow, own, socket) || !is_redirected(flow, own))
        return SK_PASS;
    if (bpf_msg_redirect_hash(message, &SOCK_MAP, &receiver, BPF_F_INGRESS) != SK_PASS) {
        flow->state = ENDED;
        return SK_PASS;
    }
    flow->sent += bytes;
    flow->redirected = flow->sent;
    flow->messages += 1024;
    hold(bytes + 1024);
    count(own, receiver, bytes);
    return SK_PASS;
}
