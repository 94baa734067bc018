#include "maps.h"

struct endpoint { __u32 word[4]; __u32 port; };
struct pair { __u32 local[4], remote[4]; __u32 local_port, remote_port; };

MAP(SOCK_MAP, BPF_MAP_TYPE_SOCKHASH, 65536, __u64, __u64);
MAP(SOCKET_PAIRS, BPF_MAP_TYPE_HASH, 65536, struct pair, __u64);
MAP(PROXY_ENDS, BPF_MAP_TYPE_HASH, 65536, struct endpoint, __u8);
STORAGE(SOCKET_COOKIE, __u64);

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

SEC("sockops")
int enrol_socket(struct bpf_sock_ops *event)
{
    __u32 op = event->op;
    if (op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
        return 1;
    struct endpoint remote = remote_of(event);
    if (!bpf_map_lookup_elem(&PROXY_ENDS, &remote))
        return 1;
    struct bpf_sock *socket = event->sk;
    if (!socket)
        return 1;
    struct endpoint local = local_of(event);
    struct pair ends = { { local.word[0], local.word[1], local.word[2], local.word[3] },
                         { remote.word[0], remote.word[1], remote.word[2], remote.word[3] }, local.port, remote.port };
    __u64 cookie = bpf_get_socket_cookie(event);
    if (!bpf_sk_storage_get(&SOCKET_COOKIE, socket, &cookie, BPF_SK_STORAGE_GET_F_CREATE))
        return 1;
    if (!bpf_sock_hash_update(event, &SOCK_MAP, &cookie, BPF_NOEXIST))
        bpf_map_update_elem(&SOCKET_PAIRS, &ends, &cookie, BPF_ANY);
    return 1;
}
