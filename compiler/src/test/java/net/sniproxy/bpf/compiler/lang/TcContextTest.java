package net.sniproxy.bpf.compiler.lang;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Incremental checksums of the JVM run equal those computed anew. */
class TcContextTest {
    private static final int CHECKSUM = 10;

    @Test
    void shouldMendChecksumsAsIfComputedAnew() {
        Random random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            byte[] header = new byte[20];
            random.nextBytes(header);
            ByteBuffer bytes = ByteBuffer.wrap(header);
            bytes.putShort(CHECKSUM, (short) 0).putShort(CHECKSUM, (short) checksum(header));
            TcContext packet = TcContext.ofFrame(header);
            Buffer old = Buffer.ofSize(8);
            Buffer now = Buffer.ofSize(8);
            packet.loadBytes(12, old, 8);
            now.setU64(0, random.nextLong());

            packet.storeBytes(12, now, 8, 0);
            if (round % 2 == 0) {
                packet.replaceL3Checksum(CHECKSUM, old.u32(0), now.u32(0), 4);
                packet.replaceL3Checksum(CHECKSUM, old.u32(4), now.u32(4), 4);
            } else {
                packet.replaceL4Checksum(CHECKSUM, 0, Kernel.checksumDifference(old, 8, now, 8, 0), 0);
            }

            assertThat(sum(packet.frame())).as("round %d", round).isEqualTo(0xffff);
        }
    }

    @Test
    void shouldRefuseWhatLiesBehindThePacket() {
        TcContext packet = TcContext.ofFrame(new byte[20]);
        Buffer buffer = Buffer.ofSize(8);
        buffer.setU64(0, -1);

        assertThat(packet.loadBytes(13, buffer, 8)).isEqualTo(Errno.EFAULT);
        assertThat(buffer.u64(0)).as("zeroed, as the kernel does").isZero();
        assertThat(packet.storeBytes(13, buffer, 8, 0)).isEqualTo(Errno.EFAULT);
        assertThat(packet.replaceL3Checksum(19, 0, 0, 2)).isEqualTo(Errno.EFAULT);
        assertThat(packet.replaceL3Checksum(10, 0, 0, 3)).isEqualTo(Errno.EINVAL);
    }

    private static int checksum(byte[] bytes) {
        return ~sum(bytes) & 0xffff;
    }

    private static int sum(byte[] bytes) {
        long sum = 0;
        ByteBuffer words = ByteBuffer.wrap(bytes);
        for (int i = 0; i < bytes.length; i += 2) {
            sum += words.getShort(i) & 0xffff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }
}
