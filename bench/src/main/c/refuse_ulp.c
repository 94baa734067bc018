#include "maps.h"

struct enrolled { __u64 cookie; __u32 sequence, role, small_buffer, reserved; };
enum { PROXY = 1 };

STORAGE(ENROLLED, struct enrolled);

SEC("cgroup/setsockopt")
int refuse_ulp(struct bpf_sockopt *call)
{
    if (call->level != 6 || call->optname != 31)
        return 1;
    struct bpf_sock *socket = call->sk;
    if (!socket)
        return 1;
    struct enrolled *own = bpf_sk_storage_get(&ENROLLED, socket, 0, 0);
    return !(own && own->role != PROXY);
}
