package net.sniproxy.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.sniproxy.bpf.compiler.lang.PrefixKey;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * A block of IPv6 addresses, as four words in network order as they lie in memory.
 *
 * @param prefixLength 0 to 128
 * @param word0 bytes 0 to 3
 * @param word1 bytes 4 to 7
 * @param word2 bytes 8 to 11
 * @param word3 bytes 12 to 15
 */
@Struct("Ipv6Prefix")
public record Ipv6Prefix(
        @Unsigned int prefixLength,
        @Unsigned int word0,
        @Unsigned int word1,
        @Unsigned int word2,
        @Unsigned int word3) implements PrefixKey {
    @Override
    public byte[] prefixBytes() {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putInt(word0)
                .putInt(word1)
                .putInt(word2)
                .putInt(word3)
                .array();
    }
}
