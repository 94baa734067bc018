package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.Test;

/** SipHash-2-4 is what its authors published, and the same in the kernel. */
class SipHashTest {
    private static final long KEY0 = 0x0706050403020100L;
    private static final long KEY1 = 0x0f0e0d0c0b0a0908L;

    /** The hashes of the messages (), (0), (0, 1), … with the key 0, 1, … 15, from the authors' vectors. */
    private static final long[] PUBLISHED = {
        0x726fdb47dd0e0e31L, 0x74f839c593dc67fdL, 0x0d6c8009d9a94f5aL, 0x85676696d7fb7e2dL,
        0xcf2794e0277187b7L, 0x18765564cd99a68dL, 0xcbc9466e58fee3ceL, 0xab0200f58b01d137L,
        0x93f5f5799a932462L, 0x9e0082df0ba9e4b0L, 0x7a5dbbc594ddb9f3L, 0xf4b32f46226bada7L,
        0x751e8fbc860ee5fbL, 0x14ea5627c0843d90L, 0xf723ca908e7af2eeL, 0xa129ca6149be45e5L,
    };

    @Test
    void shouldGiveThePublishedHashes() {
        for (int length = 0; length < PUBLISHED.length; length++) {
            byte[] message = new byte[length];
            for (int i = 0; i < length; i++) {
                message[i] = (byte) i;
            }
            assertThat(hash(message, KEY0, KEY1)).as("%d bytes", length).isEqualTo(PUBLISHED[length]);
        }
    }

    @KernelTest
    @Test
    void shouldGiveTheSameInTheKernel() {
        Random random = new Random(24);
        try (KernelRun kernel = KernelRun.of(DnsKeyProbe.class)) {
            var secret = kernel.map("DNS_HASH_KEY", Codec.u32(), Codec.of(DnsHashKey.class));
            var found = kernel.map("KEY_FOUND", Codec.u32(), Codec.u64());
            for (int round = 0; round < 3_000; round++) {
                var key = new DnsHashKey(random.nextLong(), random.nextLong(), 0);
                secret.update(0, key);
                // Every length, the shortest and the longest included, many times.
                byte[] message = new byte[round % (SipHash.MAX_LENGTH + 1)];
                random.nextBytes(message);

                assertThat(kernel.run("dns_key_probe", frame(message)).returnValue())
                        .isEqualTo(DnsKeyProbe.OK);
                assertThat(found.lookup(0))
                        .as(Arrays.toString(message))
                        .contains(hash(message, key.key0(), key.key1()));
            }
        }
    }

    private static long hash(byte[] message, long key0, long key1) {
        Buffer buffer = Buffer.ofSize(SipHash.BUFFER);
        for (int i = 0; i < message.length; i++) {
            buffer.setU8(i, message[i]);
        }
        return SipHash.hash(buffer, message.length, key0, key1);
    }

    private static byte[] frame(byte[] message) {
        byte[] frame = new byte[DnsKeyProbe.MESSAGE + 1 + message.length];
        frame[12] = 8; // IPv4
        frame[14] = 0x45;
        frame[DnsKeyProbe.MESSAGE] = (byte) message.length;
        System.arraycopy(message, 0, frame, DnsKeyProbe.MESSAGE + 1, message.length);
        return frame;
    }
}
