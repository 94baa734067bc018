#include "maps.h"

struct flow { __u64 sent, redirected, consumed, limit, messages; __u32 state, sequence_offset; };
struct enrolled { __u64 cookie; __u32 sequence, role, small_buffer, reserved; };

MAP(REDIRECT_FLOWS, BPF_MAP_TYPE_HASH, 65536, __u64, struct flow);
enum { HELD };
MAP(REDIRECT_BUDGET, BPF_MAP_TYPE_ARRAY, 3, __u32, __u64);
STORAGE(ENROLLED, struct enrolled);

static __always_inline void hold(__s64 bytes)
{
    __u32 key = HELD;
    __u64 *held = bpf_map_lookup_elem(&REDIRECT_BUDGET, &key);
    if (held)
        __sync_fetch_and_add(held, bytes);
}

SEC("tp_btf/sock_recv_length")
int count_consumed(__u64 *arguments)
{
    int result = arguments[1], flags = arguments[2];
    if (result <= 0 || flags & (0x2 | 0x2000))
        return 0;
    struct enrolled *own = bpf_sk_storage_get(&ENROLLED, (void *)arguments[0], 0, 0);
    if (!own)
        return 0;
    __u64 key = own->cookie;
    struct flow *flow = bpf_map_lookup_elem(&REDIRECT_FLOWS, &key);
    if (!flow)
        return 0;
    __s64 unread = flow->redirected - __sync_fetch_and_add(&flow->consumed, result);
    hold(unread <= 0 ? 0 : -(unread < result ? unread : result));
    return 0;
}
