package net.sniproxy.bpf.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The attributes of a netlink answer, by type. Lengths are checked before anything is read. */
final class NetlinkAttributes {
    private static final int HEADER_SIZE = 4;
    /** The upper two bits of a type are flags. */
    private static final int TYPE_MASK = 0x3fff;

    private final Map<Integer, ByteBuffer> byType = new HashMap<>();

    NetlinkAttributes(ByteBuffer bytes) {
        ByteBuffer rest = bytes.slice().order(ByteOrder.nativeOrder());
        while (rest.remaining() >= HEADER_SIZE) {
            int length = Short.toUnsignedInt(rest.getShort(rest.position()));
            int type = rest.getShort(rest.position() + 2) & TYPE_MASK;
            if (length < HEADER_SIZE || length > rest.remaining()) {
                throw new IllegalStateException("netlink attribute " + type + " of " + length + " bytes, but "
                        + rest.remaining() + " are left");
            }
            int start = rest.position();
            byType.put(
                    type, rest.slice(start + HEADER_SIZE, length - HEADER_SIZE).order(ByteOrder.nativeOrder()));
            rest.position(Math.min(start + NetlinkMessage.aligned(length), rest.limit()));
        }
    }

    Optional<NetlinkAttributes> nest(int type) {
        return Optional.ofNullable(byType.get(type)).map(NetlinkAttributes::new);
    }

    Optional<Integer> number(int type) {
        return Optional.ofNullable(byType.get(type)).map(bytes -> switch (bytes.remaining()) {
            case 1 -> Byte.toUnsignedInt(bytes.get(0));
            case 2 -> Short.toUnsignedInt(bytes.getShort(0));
            case 4 -> bytes.getInt(0);
            default ->
                throw new IllegalStateException(
                        "netlink attribute " + type + " of " + bytes.remaining() + " bytes is no number");
        });
    }

    Optional<Long> longNumber(int type) {
        return Optional.ofNullable(byType.get(type)).map(bytes -> {
            if (bytes.remaining() != Long.BYTES) {
                throw new IllegalStateException(
                        "netlink attribute " + type + " of " + bytes.remaining() + " bytes is no long number");
            }
            return bytes.getLong(0);
        });
    }

    Optional<byte[]> bytes(int type) {
        return Optional.ofNullable(byType.get(type)).map(bytes -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        });
    }

    Optional<String> text(int type) {
        return Optional.ofNullable(byType.get(type))
                .map(bytes -> StandardCharsets.UTF_8
                        .decode(bytes.duplicate())
                        .toString()
                        .replace("\0", ""));
    }
}
