package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.spec.ProgramType;

/** Hashes what stands behind the IPv4 header of a frame: one byte of length, and so many bytes. */
final class DnsKeyProbe {
    static final int MESSAGE = 14 + 20;
    static final int OK = 7;

    @BpfMap(name = "KEY_FOUND", maxEntries = 1)
    static final BpfArray<U64> KEY_FOUND = BpfArray.of(1, U64::new);

    private DnsKeyProbe() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "dns_key_probe")
    static int probe(TcContext context) {
        Buffer length = Buffer.ofSize(8);
        if (context.loadBytes(MESSAGE, length, 1) != 0) {
            return 1;
        }
        Buffer message = Buffer.ofSize(SipHash.BUFFER);
        int bytes = length.u8(0);
        if (bytes > 0 && context.loadBytes(MESSAGE + 1, message, bytes) != 0) {
            return 2;
        }
        U64 found = KEY_FOUND.lookup(0);
        if (found == null) {
            return 3;
        }
        found.value = DnsMaps.key(message, bytes);
        return OK;
    }
}
