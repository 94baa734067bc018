package net.sniproxy.bpf.probe;

import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;

/** The smallest map and program of each type that a kernel which knows the type takes. */
final class Samples {
    static final Instruction[] RETURN_ZERO = {new MoveConstant(Width.BITS_64, Register.R0, 0), new Exit()};

    /** In every kernel with tracepoints. */
    private static final String SOME_TRACEPOINT = "sched_switch";
    /** Exists for tests of attaching to functions; nothing but a test run calls it. */
    private static final String SOME_FUNCTION = "bpf_fentry_test1";

    private Samples() {}

    static MapSpec map(MapType type, int pageSize) {
        MapSpec.Builder spec = MapSpec.named("probe", type);
        return switch (type) {
            case RINGBUF -> spec.maxEntries(pageSize).build();
            case SK_STORAGE ->
                spec.key(IntegerLayout.U32).value(IntegerLayout.U32).build();
            case LPM_TRIE ->
                spec.key(StructLayout.named("prefix")
                                .field("length", IntegerLayout.U32)
                                .field("address", IntegerLayout.U32)
                                .build())
                        .value(IntegerLayout.U32)
                        .maxEntries(1)
                        .build();
            case HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH, SOCKMAP, SOCKHASH ->
                spec.key(IntegerLayout.U32)
                        .value(IntegerLayout.U32)
                        .maxEntries(1)
                        .build();
        };
    }

    /** A program of this type, for a place where such programs usually go. */
    static ProgramSpec program(ProgramType type, Instruction... code) {
        ProgramSpec.Builder spec = ProgramSpec.named("probe", type).code(code);
        return switch (type) {
            case CGROUP_SOCK_ADDR ->
                spec.attachType(AttachType.CGROUP_INET4_CONNECT).build();
            case CGROUP_SOCKOPT -> spec.attachType(AttachType.CGROUP_SETSOCKOPT).build();
            case SK_LOOKUP -> spec.attachType(AttachType.SK_LOOKUP).build();
            case TRACING ->
                spec.attachType(AttachType.TRACE_RAW_TP)
                        .attachTarget(SOME_TRACEPOINT)
                        .build();
            case SOCKET_FILTER, SCHED_CLS, XDP, CGROUP_SKB, SOCK_OPS, SK_SKB, SK_MSG -> spec.build();
        };
    }

    /** A program that can be attached to this place. */
    static ProgramSpec program(AttachType place) {
        ProgramSpec.Builder spec =
                ProgramSpec.named("probe", programType(place)).code(RETURN_ZERO).attachType(place);
        return switch (place) {
            case TRACE_RAW_TP -> spec.attachTarget(SOME_TRACEPOINT).build();
            case TRACE_FENTRY, TRACE_FEXIT -> spec.attachTarget(SOME_FUNCTION).build();
            default -> spec.build();
        };
    }

    private static ProgramType programType(AttachType place) {
        return switch (place) {
            case CGROUP_INET_INGRESS, CGROUP_INET_EGRESS -> ProgramType.CGROUP_SKB;
            case CGROUP_SOCK_OPS -> ProgramType.SOCK_OPS;
            case SK_SKB_STREAM_PARSER, SK_SKB_STREAM_VERDICT, SK_SKB_VERDICT -> ProgramType.SK_SKB;
            case SK_MSG_VERDICT -> ProgramType.SK_MSG;
            case CGROUP_INET4_CONNECT, CGROUP_INET6_CONNECT -> ProgramType.CGROUP_SOCK_ADDR;
            case CGROUP_SETSOCKOPT -> ProgramType.CGROUP_SOCKOPT;
            case TRACE_RAW_TP, TRACE_FENTRY, TRACE_FEXIT -> ProgramType.TRACING;
            case SK_LOOKUP -> ProgramType.SK_LOOKUP;
            case XDP -> ProgramType.XDP;
            case TCX_INGRESS, TCX_EGRESS -> ProgramType.SCHED_CLS;
        };
    }
}
