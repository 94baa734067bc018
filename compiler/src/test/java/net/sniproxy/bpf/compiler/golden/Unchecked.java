package net.sniproxy.bpf.compiler.golden;

import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.spec.ProgramType;

/** Programs that compile and that the verifier refuses, each in a class of its own. */
final class Unchecked {
    private Unchecked() {}

    /** Loads without a bound check. */
    static final class Load {
        private Load() {}

        @BpfProgram(type = ProgramType.XDP, name = "unchecked_load")
        static int program(XdpContext context) {
            return context.data().u8(0);
        }
    }

    /** Uses what a lookup gave without asking whether it is null. */
    static final class Lookup {
        @BpfMap(name = "COUNTS", maxEntries = 16)
        static final BpfHash<Integer, U64> COUNTS = BpfHash.of(16);

        private Lookup() {}

        @BpfProgram(type = ProgramType.XDP, name = "unchecked_null")
        static int program(XdpContext context) {
            COUNTS.lookup(1).value++;
            return XdpAction.PASS;
        }
    }

    /** Reads an array on the stack at an index that may be anything. */
    static final class Index {
        private Index() {}

        @BpfProgram(type = ProgramType.XDP, name = "unchecked_index")
        static int program(XdpContext context) {
            Buffer buffer = Buffer.ofSize(16);
            return buffer.u8(context.ingressIfindex());
        }
    }

    /** Goes on behind a length that the packet gives, which may be any 32-bit number: no check counts there. */
    static final class Distance {
        private Distance() {}

        @BpfProgram(type = ProgramType.XDP, name = "far_away")
        static int program(XdpContext context) {
            Packet frame = context.data();
            if (!context.dataEnd().covers(frame, 34)) {
                return XdpAction.PASS;
            }
            Packet body = frame.plus(frame.u32(14));
            if (!context.dataEnd().covers(body, 4)) {
                return XdpAction.PASS;
            }
            return body.u16be(2);
        }
    }

    /** Masks an index, but lets it be larger than the array. */
    static final class Element {
        @BpfMap(name = "NAMES", maxEntries = 16)
        static final BpfHash<Integer, Name> NAMES = BpfHash.of(16);

        private Element() {}

        /** Eight letters. */
        @Struct
        static final class Name {
            @Length(8)
            final byte[] letters = new byte[8];
        }

        @BpfProgram(type = ProgramType.XDP, name = "wrong_mask")
        static int program(XdpContext context) {
            Name name = NAMES.lookup(1);
            if (name == null) {
                return XdpAction.PASS;
            }
            return name.letters[context.ingressIfindex() & 15];
        }
    }

    /** Uses a packet pointer from before a helper that moves the packet. */
    static final class Stale {
        private Stale() {}

        @BpfProgram(type = ProgramType.SCHED_CLS, name = "stale_pointer")
        static int program(TcContext context) {
            Packet frame = context.data();
            if (!context.dataEnd().covers(frame, 34) || context.pullData(100) != 0) {
                return TcAction.OK;
            }
            return frame.u8(13);
        }
    }

    /** Goes on with what a comparison has shown to be null. */
    static final class Mistaken {
        private Mistaken() {}

        @BpfProgram(type = ProgramType.XDP, name = "mistaken")
        static int program(XdpContext context) {
            U64 count = Lookup.COUNTS.lookup(1);
            if (count == null) {
                count.value = 1;
            }
            return XdpAction.PASS;
        }
    }

    /** Calls a helper that programs of its type may not call. */
    static final class Helper {
        private Helper() {}

        @BpfProgram(type = ProgramType.XDP, name = "wrong_helper")
        static int program(XdpContext context) {
            return (int) cookie(context);
        }

        /** Of a socket, which an arriving frame does not have yet. */
        @net.sniproxy.bpf.compiler.lang.Helper(46)
        private static long cookie(XdpContext context) {
            return context.ingressIfindex();
        }
    }

    /** Adds up more numbers than the verifier is willing to follow. */
    static final class LongLoop {
        private LongLoop() {}

        @BpfProgram(type = ProgramType.XDP, name = "long_loop")
        static int program(XdpContext context) {
            int sum = context.ingressIfindex();
            for (int i = 0; i < 1_000_000; i++) {
                sum = sum * 31 + i;
            }
            return sum & 1;
        }
    }

    /** Goes round until something that does not change changes. */
    static final class Loop {
        private Loop() {}

        @BpfProgram(type = ProgramType.XDP, name = "endless")
        static int program(XdpContext context) {
            int i = context.ingressIfindex();
            while (i != 0) {
                i = i + 2 | 1;
            }
            return XdpAction.PASS;
        }
    }
}
