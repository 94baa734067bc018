package net.sniproxy.bpf.compiler.golden;

import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.spec.ProgramType;

/** One program for each idiom of the language; what becomes of it is kept beside, as a listing. */
final class Listings {
    @Struct
    record Ports(char source, char destination, int address) {}

    @BpfMap(name = "COUNTS", maxEntries = 16)
    static final BpfHash<Integer, U64> COUNTS = BpfHash.of(16);

    @BpfMap(name = "BY_PORTS", maxEntries = 16)
    static final BpfHash<Ports, U64> BY_PORTS = BpfHash.of(16);

    private Listings() {}

    /** A lookup, the null check, a write to the live value. */
    @BpfProgram(type = ProgramType.XDP, name = "null_check")
    static int nullCheck(XdpContext context) {
        U64 count = COUNTS.lookup(context.ingressIfindex());
        if (count == null) {
            return XdpAction.DROP;
        }
        count.value++;
        return XdpAction.PASS;
    }

    /** A loop with a bound check in it. */
    @BpfProgram(type = ProgramType.XDP, name = "loop")
    static int loop(XdpContext context) {
        Packet frame = context.data();
        PacketEnd end = context.dataEnd();
        int sum = 0;
        for (int i = 0; i < 8 && end.covers(frame, 2); i++) {
            sum += frame.u16be(0);
            frame = frame.plus(2);
        }
        return sum;
    }

    /** A switch over what the packet says. */
    @BpfProgram(type = ProgramType.XDP, name = "choice")
    static int choice(XdpContext context) {
        Packet frame = context.data();
        if (!context.dataEnd().covers(frame, 14)) {
            return XdpAction.PASS;
        }
        return switch (frame.u16be(12)) {
            case 0x0800 -> XdpAction.PASS;
            case 0x86dd -> XdpAction.TX;
            case 0x0806 -> XdpAction.ABORTED;
            default -> XdpAction.DROP;
        };
    }

    /** A record as a key: made on the stack, padding and all. */
    @BpfProgram(type = ProgramType.XDP, name = "struct_key")
    static int structKey(XdpContext context) {
        Packet frame = context.data();
        if (!context.dataEnd().covers(frame, 38)) {
            return XdpAction.PASS;
        }
        Ports key = new Ports((char) frame.u16(34), (char) frame.u16(36), frame.u32(26));
        return BY_PORTS.lookup(key) == null ? XdpAction.DROP : XdpAction.PASS;
    }

    /** A record made from one of two others: no zeroes before it is filled, and one register for all its fields. */
    @BpfProgram(type = ProgramType.XDP, name = "copied_key")
    static int copiedKey(XdpContext context) {
        int number = context.ingressIfindex();
        Ports ports = number > 5 ? new Ports((char) number, 'a', 7) : new Ports('b', 'c', number);
        Ports reversed = new Ports(ports.destination(), ports.source(), ports.address());
        return BY_PORTS.lookup(reversed) == null ? XdpAction.DROP : XdpAction.PASS;
    }

    /** A lambda that captures a variable. */
    @BpfProgram(type = ProgramType.XDP, name = "lambda")
    static int lambda(XdpContext context) {
        int mask = context.ingressIfindex();
        return twice(value -> value + 3 ^ mask, 5);
    }

    private static int twice(IntUnaryOperator operator, int value) {
        return operator.applyAsInt(operator.applyAsInt(value));
    }
}
