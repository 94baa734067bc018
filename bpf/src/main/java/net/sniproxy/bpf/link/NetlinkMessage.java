package net.sniproxy.bpf.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A request of netlink(7) being put together: a header, a fixed part, and attributes, each padded to 4 bytes. In the
 * machine's byte order. Not for use by several threads.
 */
final class NetlinkMessage {
    static final int HEADER_SIZE = 16;
    static final short NLM_F_REQUEST = 0x1;
    static final short NLM_F_ACK = 0x4;
    static final short NLM_F_EXCL = 0x200;
    static final short NLM_F_REPLACE = 0x100;
    static final short NLM_F_CREATE = 0x400;
    static final short NLM_F_DUMP = 0x300;

    private static final int CAPACITY = 1024;
    private static final int LENGTH = 0;
    private static final int SEQUENCE = 8;

    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

    NetlinkMessage(int type, int flags) {
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(0)
                .putInt(0);
    }

    NetlinkMessage putInt(int value) {
        buffer.putInt(value);
        return this;
    }

    /** A piece of the fixed part; its length is a multiple of 4. */
    NetlinkMessage putBytes(byte[] value) {
        buffer.put(value);
        return this;
    }

    NetlinkMessage attribute(int type, byte[] value) {
        buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        buffer.position(aligned(buffer.position()));
        return this;
    }

    NetlinkMessage attribute(int type, int value) {
        buffer.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    /** A zero-terminated string. */
    NetlinkMessage attribute(int type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        buffer.putShort((short) (4 + bytes.length + 1)).putShort((short) type);
        buffer.put(bytes).put((byte) 0);
        buffer.position(aligned(buffer.position()));
        return this;
    }

    /** Starts an attribute made of attributes; returns what {@link #endNest} needs. */
    int beginNest(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) type);
        return start;
    }

    NetlinkMessage endNest(int start) {
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    byte[] bytes(int sequence) {
        buffer.putInt(LENGTH, buffer.position());
        buffer.putInt(SEQUENCE, sequence);
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    static int aligned(int length) {
        return (length + 3) & -4;
    }
}
