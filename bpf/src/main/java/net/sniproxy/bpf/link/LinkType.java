package net.sniproxy.bpf.link;

/** Kinds of links, with their numbers in {@code enum bpf_link_type}. */
public enum LinkType {
    UNSPEC(0),
    RAW_TRACEPOINT(1),
    TRACING(2),
    CGROUP(3),
    ITER(4),
    NETNS(5),
    XDP(6),
    PERF_EVENT(7),
    KPROBE_MULTI(8),
    STRUCT_OPS(9),
    NETFILTER(10),
    TCX(11),
    UPROBE_MULTI(12),
    NETKIT(13),
    SOCKMAP(14);

    private final int number;

    LinkType(int number) {
        this.number = number;
    }

    /** The kind of this number; {@link #UNSPEC} for one that this list does not know. */
    public static LinkType of(int number) {
        for (LinkType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        return UNSPEC;
    }
}
