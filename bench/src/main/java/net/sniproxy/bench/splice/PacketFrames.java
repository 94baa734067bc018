package net.sniproxy.bench.splice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Ethernet frames as they arrive. Their checksums are not right, which no program looks at. */
final class PacketFrames {
    private static final byte[] MACS = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int IPV4_BYTES = 20;
    /** With timestamps, as segments of established connections have them. */
    private static final int TCP_BYTES = 32;

    private static final int ACK = 0x10;
    private static final int PAYLOAD = 100;
    private static final int ROOM = 256;

    private PacketFrames() {}

    static byte[] arp() {
        return finish(start(ARP).put(new byte[28]));
    }

    static byte[] udp(InetSocketAddress from, InetSocketAddress to) {
        ByteBuffer frame = ip(from, to, UDP, 8 + PAYLOAD);
        frame.putShort((short) from.getPort()).putShort((short) to.getPort());
        return finish(frame.putInt(8 + PAYLOAD).put(new byte[PAYLOAD]));
    }

    /** A segment with 100 bytes of payload. */
    static byte[] tcp(InetSocketAddress from, InetSocketAddress to, int sequence, int acknowledgement) {
        ByteBuffer frame = ip(from, to, TCP, TCP_BYTES + PAYLOAD);
        frame.putShort((short) from.getPort()).putShort((short) to.getPort());
        frame.putInt(sequence).putInt(acknowledgement);
        frame.put((byte) (TCP_BYTES / 4 << 4))
                .put((byte) ACK)
                .putShort((short) 1000)
                .putInt(0);
        frame.putInt(0x0101080a).putInt(1).putInt(1);
        return finish(frame.put(new byte[PAYLOAD]));
    }

    private static ByteBuffer ip(InetSocketAddress from, InetSocketAddress to, int protocol, int payload) {
        byte[] source = from.getAddress().getAddress();
        byte[] destination = to.getAddress().getAddress();
        if (source.length == 4) {
            ByteBuffer frame = start(IPV4).putShort((short) 0x4500).putShort((short) (IPV4_BYTES + payload));
            frame.putInt(0x4000).put((byte) 64).put((byte) protocol).putShort((short) 0);
            return frame.put(source).put(destination);
        }
        ByteBuffer frame = start(IPV6).putInt(0x6000_0000).putShort((short) payload);
        return frame.put((byte) protocol).put((byte) 64).put(source).put(destination);
    }

    private static ByteBuffer start(int type) {
        return ByteBuffer.allocate(ROOM).put(MACS).putShort((short) type);
    }

    private static byte[] finish(ByteBuffer frame) {
        byte[] bytes = new byte[frame.flip().remaining()];
        frame.get(bytes);
        return bytes;
    }
}
