package net.sniproxy.bpf.compiler.golden;

import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
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
