package net.sniproxy.bpf.spec;

/** Kinds of programs, with their numbers in {@code enum bpf_prog_type} and the context they are given. */
public enum ProgramType {
    SOCKET_FILTER(1, "socket_filter", "__sk_buff"),
    /** Traffic control: TCX and clsact. */
    SCHED_CLS(3, "sched_cls", "__sk_buff"),
    XDP(6, "xdp", "xdp_md"),
    CGROUP_SKB(8, "cgroup_skb", "__sk_buff"),
    SOCK_OPS(13, "sock_ops", "bpf_sock_ops"),
    SK_SKB(14, "sk_skb", "__sk_buff"),
    SK_MSG(16, "sk_msg", "sk_msg_md"),
    CGROUP_SOCK_ADDR(18, "cgroup_sock_addr", "bpf_sock_addr"),
    /** Before setsockopt(2) or after getsockopt(2), as the attach type says. */
    CGROUP_SOCKOPT(25, "cgroup_sockopt", "bpf_sockopt"),
    /** Needs an attach target in the kernel's BTF; its context is the array of the target's arguments. */
    TRACING(26, "tracing", ""),
    SK_LOOKUP(30, "sk_lookup", "bpf_sk_lookup");

    private final int number;
    private final String kernelName;
    private final String context;

    ProgramType(int number, String kernelName, String context) {
        this.number = number;
        this.kernelName = kernelName;
        this.context = context;
    }

    /** The number that {@code bpf(2)} takes. */
    public int number() {
        return number;
    }

    /** As {@code bpftool prog} prints it. */
    public String kernelName() {
        return kernelName;
    }

    /** Name of the struct that r1 points to at the start; empty when it is an array of 64-bit arguments. */
    public String context() {
        return context;
    }
}
