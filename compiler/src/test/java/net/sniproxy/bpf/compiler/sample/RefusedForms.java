package net.sniproxy.bpf.compiler.sample;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Helper;
import net.sniproxy.bpf.compiler.lang.KernelField;
import net.sniproxy.bpf.compiler.lang.KernelStruct;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.Sized;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.spec.ProgramType;

/** Programs, functions, helpers and maps whose declarations the kernel has no use for. */
public final class RefusedForms {
    @BpfMap(name = "UNLIKE", maxEntries = 1)
    static final BpfHash<Long, U64> WIDE = BpfHash.of(1);

    @BpfMap(name = "UNLIKE", maxEntries = 1)
    static final BpfHash<Integer, U32> NARROW = BpfHash.of(1);

    @BpfMap(name = "TEXTS", maxEntries = 1)
    static final BpfHash<Integer, Texts> TEXTS = BpfHash.of(1);

    private RefusedForms() {}

    /** No struct of C. */
    @Struct
    static final class Texts {
        final String text = "";
    }

    @BpfProgram(type = ProgramType.XDP, name = "not_java")
    static int notJava(XdpContext context) {
        return written(context.ingressIfindex());
    }

    private static native int written(int elsewhere);

    @BpfProgram(type = ProgramType.XDP, name = "not_static")
    int notStatic(XdpContext context) {
        return context.ingressIfindex();
    }

    @BpfProgram(type = ProgramType.XDP, name = "no_verdict")
    static void noVerdict(XdpContext context) {
        context.ingressIfindex();
    }

    @BpfProgram(type = ProgramType.XDP, name = "long_verdict")
    static long longVerdict(XdpContext context) {
        return context.ingressIfindex();
    }

    @BpfProgram(type = ProgramType.XDP, name = "no_context")
    static int noContext() {
        return 1;
    }

    @BpfProgram(type = ProgramType.XDP, name = "other_context")
    static int otherContext(TcContext context) {
        return context.data().u8(0);
    }

    @BpfProgram(type = ProgramType.XDP, name = "many_parameters")
    static int manyParameters(XdpContext context) {
        int number = context.ingressIfindex();
        return sum(number, number, number, number, number, number);
    }

    @BpfFunction
    static int sum(int a, int b, int c, int d, int e, int f) {
        return a + b + c + d + e + f;
    }

    @BpfProgram(type = ProgramType.XDP, name = "packet_parameter")
    static int packetParameter(XdpContext context) {
        return first(context.data());
    }

    @BpfFunction
    static int first(Packet packet) {
        return packet.u8(0);
    }

    @BpfProgram(type = ProgramType.XDP, name = "short_result")
    static int shortResult(XdpContext context) {
        return low(context.ingressIfindex());
    }

    @BpfFunction
    static short low(int number) {
        return (short) number;
    }

    @BpfProgram(type = ProgramType.XDP, name = "wide_helper")
    static int wideHelper(XdpContext context) {
        return helper(1, 2, 3, 4, 5, context.ingressIfindex());
    }

    @Helper(1)
    static int helper(int a, int b, int c, int d, int e, int f) {
        return a + b + c + d + e + f;
    }

    @Helper(1)
    static int sized(@Sized Object memory) {
        return memory.hashCode();
    }

    @BpfProgram(type = ProgramType.XDP, name = "unknown_size")
    static int unknownSize(XdpContext context) {
        return sized(context);
    }

    @BpfProgram(type = ProgramType.XDP, name = "same_name")
    static int sameName(XdpContext context) {
        int number = context.ingressIfindex();
        return twice(number) + twice(Integer.toUnsignedLong(number));
    }

    @BpfFunction
    static int twice(int number) {
        return number * 2;
    }

    @BpfFunction
    static int twice(long number) {
        return (int) number * 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "instance")
    static int instance(XdpContext context) {
        return new Adder(context.ingressIfindex()).plus(1);
    }

    private record Adder(int number) {
        @BpfFunction
        int plus(int other) {
            return number + other;
        }
    }

    /** {@code struct sock} with a member that no kernel has. */
    @KernelStruct("sock")
    interface Sock {
        /** Not there. */
        @KernelField("sk_of_tomorrow")
        int ofTomorrow();
    }

    @BpfProgram(type = ProgramType.TRACING, name = "no_member", attachTo = "sock_recv_length")
    static int noMember(Sock sock, int result, int flags) {
        return sock.ofTomorrow();
    }

    @BpfProgram(type = ProgramType.XDP, name = "wide_map")
    static int wideMap(XdpContext context) {
        return WIDE.lookup(Integer.toUnsignedLong(context.ingressIfindex())) == null ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "narrow_map")
    static int narrowMap(XdpContext context) {
        return NARROW.lookup(context.ingressIfindex()) == null ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "text_map")
    static int textMap(XdpContext context) {
        return TEXTS.lookup(context.ingressIfindex()) == null ? 1 : 2;
    }
}
