package net.sniproxy.bpf.compiler.sample;

import java.util.List;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Programs that do what the kernel does not, each for another reason. */
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

    @BpfProgram(type = ProgramType.XDP, name = "library_object")
    static int libraryObject(XdpContext context) {
        return new Random(context.ingressIfindex()).nextInt();
    }

    @BpfProgram(type = ProgramType.XDP, name = "buffer_size")
    static int bufferSize(XdpContext context) {
        return Buffer.ofSize(context.ingressIfindex() & 63).u8(0);
    }

    @BpfProgram(type = ProgramType.XDP, name = "large_stack")
    static int largeStack(XdpContext context) {
        Buffer first = Buffer.ofSize(320);
        Buffer second = Buffer.ofSize(320);
        int index = context.ingressIfindex() & 255;
        first.setU8(index, 1);
        second.setU8(index, 2);
        return first.u8(index + 1) + second.u8(index + 2);
    }

    @BpfProgram(type = ProgramType.XDP, name = "monitor")
    static int monitor(XdpContext context) {
        synchronized (context) {
            return 1;
        }
    }

    @BpfProgram(type = ProgramType.XDP, name = "kept")
    static int kept(XdpContext context) {
        int index = context.ingressIfindex() & 63;
        Buffer previous = Buffer.ofSize(64);
        int sum = 0;
        for (int i = 1; i < 4; i++) {
            Buffer next = Buffer.ofSize(64);
            next.setU8(index, i);
            sum = sum * 3 + previous.u8(index);
            previous = next;
        }
        return sum;
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
