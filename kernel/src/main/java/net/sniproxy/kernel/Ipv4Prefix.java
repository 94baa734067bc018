package net.sniproxy.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.sniproxy.bpf.compiler.lang.PrefixKey;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * A block of IPv4 addresses.
 *
 * @param prefixLength 0 to 32
 * @param address in network order as it lies in memory
 */
@Struct("Ipv4Prefix")
public record Ipv4Prefix(
        @Unsigned int prefixLength, @Unsigned int address) implements PrefixKey {
    /** Neighbours differ in the last byte, which is the highest one of a little-endian word: hash tables want it low. */
    @Override
    public int hashCode() {
        return 31 * prefixLength + Integer.reverseBytes(address);
    }

    @Override
    public byte[] prefixBytes() {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(address)
                .array();
    }
}
