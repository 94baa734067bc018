#include "maps.h"

struct endpoint { __u32 word[4]; __u32 port; };
struct enrolled { __u64 cookie; __u32 sequence, role, small_buffer, reserved; };
struct handshake { __u64 cookie; __u32 send_next, receive_next; };
enum { CLIENT = 2, UPSTREAM = 3 };
struct pair { __u32 local[4], remote[4]; __u32 local_port, remote_port; };

MAP(SOCK_MAP, BPF_MAP_TYPE_SOCKHASH, 65536, __u64, __u64);
MAP(SOCKET_PAIRS, BPF_MAP_TYPE_LRU_HASH, 65536, struct pair, struct handshake);
MAP(UPSTREAM_HANDSHAKES, BPF_MAP_TYPE_LRU_HASH, 65536, struct pair, struct handshake);
MAP(PROXY_ENDS, BPF_MAP_TYPE_HASH, 65536, struct endpoint, __u8);
STORAGE(ENROLLED, struct enrolled);

#define AF_INET 2

// In assembly, because clang would merge such loads by computing with the context pointer, which the verifier refuses.
#define FIELD(EVENT, NAME) ({ \
    __u32 value; \
    asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(value) : "r"(EVENT), "i"(offsetof(struct bpf_sock_ops, NAME))); \
    value; })

static __always_inline struct endpoint remote_of(struct bpf_sock_ops *event)
{
    __u32 port = bpf_ntohl(FIELD(event, remote_port));
    if (FIELD(event, family) == AF_INET)
        return (struct endpoint){ { 0, 0, bpf_htonl(0xffff), FIELD(event, remote_ip4) }, port };
    return (struct endpoint){ { FIELD(event, remote_ip6[0]), FIELD(event, remote_ip6[1]), FIELD(event, remote_ip6[2]), FIELD(event, remote_ip6[3]) }, port };
}

static __always_inline struct endpoint local_of(struct bpf_sock_ops *event)
{
    if (FIELD(event, family) == AF_INET)
        return (struct endpoint){ { 0, 0, bpf_htonl(0xffff), FIELD(event, local_ip4) }, FIELD(event, local_port) };
    return (struct endpoint){ { FIELD(event, local_ip6[0]), FIELD(event, local_ip6[1]), FIELD(event, local_ip6[2]), FIELD(event, local_ip6[3]) },
                              FIELD(event, local_port) };
}

static __always_inline struct pair pair_of(struct endpoint local, struct endpoint remote)
{
    return (struct pair){ { local.word[0], local.word[1], local.word[2], local.word[3] },
                          { remote.word[0], remote.word[1], remote.word[2], remote.word[3] }, local.port, remote.port };
}

static __always_inline struct handshake handshake_of(struct bpf_sock_ops *event)
{
    return (struct handshake){ bpf_get_socket_cookie(event), FIELD(event, snd_nxt), FIELD(event, rcv_nxt) };
}

static __always_inline void enrol(struct bpf_sock_ops *event, struct bpf_sock *socket, struct pair *ends, __u32 role)
{
    struct enrolled enrolled = { bpf_get_socket_cookie(event), FIELD(event, snd_nxt), role, 0, 0 };
    if (!bpf_sk_storage_get(&ENROLLED, socket, &enrolled, BPF_SK_STORAGE_GET_F_CREATE))
        return;
    struct handshake handshake = handshake_of(event);
    if (!bpf_sock_hash_update(event, &SOCK_MAP, &enrolled.cookie, BPF_NOEXIST)) {
        bpf_map_update_elem(&SOCKET_PAIRS, ends, &handshake, BPF_ANY);
        bpf_sock_ops_cb_flags_set(event, FIELD(event, bpf_sock_ops_cb_flags) | BPF_SOCK_OPS_RTT_CB_FLAG);
    }
}

static __always_inline void connected(struct bpf_sock_ops *event)
{
    struct bpf_sock *socket = event->sk;
    if (!socket)
        return;
    struct endpoint local = local_of(event), remote = remote_of(event);
    if (bpf_sk_storage_get(&ENROLLED, socket, 0, 0)) {
        struct handshake own = handshake_of(event);
        struct pair theirs = pair_of(remote, local);
        bpf_map_update_elem(&UPSTREAM_HANDSHAKES, &theirs, &own, BPF_ANY);
        return;
    }
    struct pair ends = pair_of(local, remote);
    if (bpf_map_lookup_elem(&PROXY_ENDS, &remote))
        enrol(event, socket, &ends, CLIENT);
}

static __always_inline void accepted(struct bpf_sock_ops *event)
{
    struct pair ends = pair_of(local_of(event), remote_of(event));
    struct handshake *proxy = bpf_map_lookup_elem(&UPSTREAM_HANDSHAKES, &ends);
    if (!proxy || proxy->send_next != FIELD(event, rcv_nxt) || proxy->receive_next != FIELD(event, snd_nxt))
        return;
    struct bpf_sock *socket = event->sk;
    if (socket)
        enrol(event, socket, &ends, UPSTREAM);
}

static __always_inline void make_buffer_small(struct bpf_sock_ops *event)
{
    struct bpf_sock *socket = event->sk;
    if (!socket)
        return;
    struct enrolled *own = bpf_sk_storage_get(&ENROLLED, socket, 0, 0);
    if (own && own->small_buffer == 1) {
        int size = 1;
        own->small_buffer = 2;
        bpf_setsockopt(event, 1, 7, &size, sizeof size);
    }
}

SEC("sockops")
int enrol_socket(struct bpf_sock_ops *event)
{
    __u32 op = event->op;
    if (op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
        connected(event);
    else if (op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
        accepted(event);
    else if (op == BPF_SOCK_OPS_RTT_CB)
        make_buffer_small(event);
    return 1;
}
