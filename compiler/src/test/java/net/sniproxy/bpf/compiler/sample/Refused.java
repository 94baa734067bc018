package net.sniproxy.bpf.compiler.sample;

import java.util.List;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Programs that cannot be compiled, each for another reason. */
public final class Refused {
    @BpfMap(name = "REFUSED", maxEntries = 1)
    static final BpfHash<Long, U64> MAP = BpfHash.of(1);

    static int count;

    private Refused() {}

    @BpfProgram(type = ProgramType.XDP, name = "floating")
    static int floating(XdpContext context) {
        return (int) (context.ingressIfindex() * 1.5);
    }

    @BpfProgram(type = ProgramType.XDP, name = "divides")
    static int divides(XdpContext context) {
        return 100 / context.ingressIfindex();
    }

    @BpfProgram(type = ProgramType.XDP, name = "throws_up")
    static int throwing(XdpContext context) {
        if (context.ingressIfindex() == 3) {
            throw new IllegalStateException("three");
        }
        return 1;
    }

    @BpfProgram(type = ProgramType.XDP, name = "recursive")
    static int recursive(XdpContext context) {
        return factorial(context.ingressIfindex());
    }

    private static int factorial(int n) {
        return n == 0 ? 1 : n * factorial(n - 1);
    }

    @BpfProgram(type = ProgramType.XDP, name = "library")
    static int library(XdpContext context) {
        return List.of(context.ingressIfindex()).size();
    }

    @BpfProgram(type = ProgramType.XDP, name = "state")
    static int state(XdpContext context) {
        count = context.ingressIfindex();
        return 1;
    }

    @BpfProgram(type = ProgramType.XDP, name = "for_tests")
    static int forTests(XdpContext context) {
        return MAP.entries().size();
    }

    /** Fine: what is never reached is no error. */
    @BpfProgram(type = ProgramType.XDP, name = "unreached")
    static int unreached(XdpContext context) {
        int number = context.ingressIfindex() & 3;
        if (number > 3) {
            throw new IllegalStateException("cannot be");
        }
        assert number < 4 : "two bits";
        return number;
    }
}
