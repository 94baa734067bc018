package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Sums the first 128 bytes of a frame: a loop with a bound check in it. */
public final class ChecksumLoop {
    private static final int WORDS = 64;

    private ChecksumLoop() {}

    @BpfProgram(type = ProgramType.XDP, name = "checksum_loop")
    static int sum(XdpContext context) {
        Packet frame = context.data();
        PacketEnd end = context.dataEnd();
        int sum = 0;
        for (int i = 0; i < WORDS; i++) {
            Packet word = frame.plus(2 * i);
            if (!end.covers(word, 2)) {
                break;
            }
            sum += word.u16be(0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }
}
