package net.sniproxy.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Turns socket addresses into {@link FlowKey}s and back, in user space. */
public final class FlowKeys {
    private static final int IPV4_BYTES = 4;
    private static final int ADDRESS_BYTES = 16;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private FlowKeys() {}

    /** The key of packets from one address to another, both of one family. */
    public static FlowKey of(InetSocketAddress from, InetSocketAddress to) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * ADDRESS_BYTES + Integer.BYTES);
        putAddress(bytes, from.getAddress());
        putAddress(bytes, to.getAddress());
        bytes.putShort((short) from.getPort()).putShort((short) to.getPort());
        bytes.flip().order(ByteOrder.nativeOrder());
        return new FlowKey(
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt(),
                bytes.getInt());
    }

    /** Where the packets come from. */
    public static InetSocketAddress source(FlowKey key) {
        int[] words = {key.source0(), key.source1(), key.source2(), key.source3()};
        return new InetSocketAddress(address(words), ports(key).getShort(0) & 0xffff);
    }

    /** Where the packets go to. */
    public static InetSocketAddress destination(FlowKey key) {
        int[] words = {key.destination0(), key.destination1(), key.destination2(), key.destination3()};
        return new InetSocketAddress(address(words), ports(key).getShort(2) & 0xffff);
    }

    private static void putAddress(ByteBuffer bytes, InetAddress address) {
        byte[] raw = address.getAddress();
        if (raw.length == IPV4_BYTES) {
            bytes.put(MAPPED);
        }
        bytes.put(raw);
    }

    private static ByteBuffer ports(FlowKey key) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        return bytes.putInt(0, key.ports()).order(ByteOrder.BIG_ENDIAN);
    }

    private static InetAddress address(int[] words) {
        ByteBuffer bytes = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        for (int word : words) {
            bytes.putInt(word);
        }
        try {
            // An IPv4 address that is mapped into IPv6 becomes an Inet4Address again.
            return InetAddress.getByAddress(bytes.array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }
}
