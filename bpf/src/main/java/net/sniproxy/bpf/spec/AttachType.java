package net.sniproxy.bpf.spec;

/** Where programs are attached, with the numbers of {@code enum bpf_attach_type}. */
public enum AttachType {
    CGROUP_INET_INGRESS(0),
    CGROUP_INET_EGRESS(1),
    CGROUP_SOCK_OPS(3),
    SK_SKB_STREAM_PARSER(4),
    SK_SKB_STREAM_VERDICT(5),
    SK_MSG_VERDICT(7),
    CGROUP_INET4_CONNECT(10),
    CGROUP_INET6_CONNECT(11),
    /** Linux 5.3. */
    CGROUP_SETSOCKOPT(22),
    /** A {@code tp_btf} tracepoint. */
    TRACE_RAW_TP(23),
    TRACE_FENTRY(24),
    TRACE_FEXIT(25),
    SK_LOOKUP(36),
    XDP(37),
    SK_SKB_VERDICT(38),
    /** Linux 6.6. */
    TCX_INGRESS(46),
    /** Linux 6.6. */
    TCX_EGRESS(47);

    private final int number;

    AttachType(int number) {
        this.number = number;
    }

    /** The number that {@code bpf(2)} takes. */
    public int number() {
        return number;
    }
}
