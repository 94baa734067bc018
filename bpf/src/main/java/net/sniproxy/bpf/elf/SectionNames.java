package net.sniproxy.bpf.elf;

import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.ProgramSpec;

/** The names of sections by which libbpf knows the type of the programs in them. */
final class SectionNames {
    private SectionNames() {}

    /**
     * The section for a program.
     *
     * @throws IllegalArgumentException if libbpf has no section for this type of program and attachment
     */
    static String of(ProgramSpec program) {
        return switch (program.type()) {
            case SOCKET_FILTER -> "socket";
            case SCHED_CLS -> "tc";
            case XDP -> "xdp";
            case SOCK_OPS -> "sockops";
            case SK_MSG -> "sk_msg";
            case SK_LOOKUP -> "sk_lookup";
            case CGROUP_SKB -> "cgroup_skb/" + attachment(program);
            case SK_SKB -> "sk_skb/" + attachment(program);
            case CGROUP_SOCK_ADDR, CGROUP_SOCKOPT -> "cgroup/" + attachment(program);
            case TRACING -> attachment(program) + "/" + program.attachTarget().orElseThrow();
        };
    }

    private static String attachment(ProgramSpec program) {
        AttachType attach = program.attachType().orElseThrow(() -> unknown(program));
        return switch (attach) {
            case CGROUP_INET_INGRESS -> "ingress";
            case CGROUP_INET_EGRESS -> "egress";
            case CGROUP_INET4_CONNECT -> "connect4";
            case CGROUP_INET6_CONNECT -> "connect6";
            case SK_SKB_STREAM_PARSER -> "stream_parser";
            case SK_SKB_STREAM_VERDICT -> "stream_verdict";
            case CGROUP_SETSOCKOPT -> "setsockopt";
            case TRACE_RAW_TP -> "tp_btf";
            case TRACE_FENTRY -> "fentry";
            case TRACE_FEXIT -> "fexit";
            case CGROUP_SOCK_OPS, SK_MSG_VERDICT, SK_LOOKUP, XDP, SK_SKB_VERDICT, TCX_INGRESS, TCX_EGRESS ->
                throw unknown(program);
        };
    }

    private static IllegalArgumentException unknown(ProgramSpec program) {
        return new IllegalArgumentException("program " + program.name() + ": no ELF section for " + program.type()
                + " attached to " + program.attachType().map(Enum::name).orElse("nothing"));
    }
}
