package net.sniproxy.app.hello;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pcapng format (draft-ietf-opsawg-pcapng), with any number of sections and interfaces. */
final class PcapNgReader implements PacketSource {
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int INTERFACE = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    /** Type, length, and the length again behind the body. */
    private static final int FRAME = 12;

    private record Interface(int linkType, int snapLength) {}

    private final InputStream in;
    private final List<Interface> interfaces = new ArrayList<>();
    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private int blocks;
    private int packets;

    PcapNgReader(InputStream in) {
        this.in = in;
    }

    @Override
    public Optional<Packet> next() throws IOException, BadInputException {
        while (true) {
            in.mark(1);
            if (in.read() < 0) {
                return Optional.empty();
            }
            in.reset();
            blocks++;
            Optional<Packet> packet = block();
            if (packet.isPresent()) {
                packets++;
                return packet;
            }
        }
    }

    @Override
    public int packets() {
        return packets;
    }

    private Optional<Packet> block() throws IOException, BadInputException {
        String what = "block " + blocks;
        byte[] start = PacketSource.read(in, 8, what);
        int type = ByteBuffer.wrap(start).order(order).getInt();
        byte[] magic = {};
        if (type == SECTION_HEADER) {
            magic = PacketSource.read(in, 4, what);
            order = order(magic, what);
        }
        int length = ByteBuffer.wrap(start).order(order).getInt(4);
        if (length < FRAME + magic.length || length % 4 != 0 || length > LONGEST_PACKET) {
            throw new BadInputException(what + " claims to have " + Integer.toUnsignedLong(length) + " bytes");
        }
        ByteBuffer body = ByteBuffer.wrap(PacketSource.read(in, length - FRAME - magic.length, what))
                .order(order);
        int lengthAgain =
                ByteBuffer.wrap(PacketSource.read(in, 4, what)).order(order).getInt();
        if (lengthAgain != length) {
            throw new BadInputException(what + " ends with another length than it begins with");
        }
        return switch (type) {
            case SECTION_HEADER -> {
                interfaces.clear();
                yield Optional.empty();
            }
            case INTERFACE -> {
                require(body, 8, what);
                interfaces.add(new Interface(body.getShort(0) & 0xffff, body.getInt(4)));
                yield Optional.empty();
            }
            case ENHANCED_PACKET -> packet(body, body.remaining() < 20 ? -1 : body.getInt(0), what);
            case OBSOLETE_PACKET -> packet(body, body.remaining() < 20 ? -1 : body.getShort(0) & 0xffff, what);
            case SIMPLE_PACKET -> simplePacket(body, what);
            default -> Optional.empty();
        };
    }

    private static ByteOrder order(byte[] magic, String what) throws BadInputException {
        return switch (ByteBuffer.wrap(magic).getInt()) {
            case BYTE_ORDER_MAGIC -> ByteOrder.BIG_ENDIAN;
            case 0x4d3c2b1a -> ByteOrder.LITTLE_ENDIAN;
            default -> throw new BadInputException(what + " has no byte-order magic");
        };
    }

    private Optional<Packet> packet(ByteBuffer body, int interfaceId, String what) throws BadInputException {
        require(body, 20, what);
        return Optional.of(packet(body, 20, body.getInt(12), linkOf(interfaceId, what), what));
    }

    private Optional<Packet> simplePacket(ByteBuffer body, String what) throws BadInputException {
        require(body, 4, what);
        Interface link = linkOf(0, what);
        int original = Math.min(body.getInt(0), body.remaining() - 4);
        int captured = link.snapLength() > 0 ? Math.min(original, link.snapLength()) : original;
        return Optional.of(packet(body, 4, captured, link, what));
    }

    private static Packet packet(ByteBuffer body, int at, int captured, Interface link, String what)
            throws BadInputException {
        if (captured < 0 || captured > body.remaining() - at) {
            throw new BadInputException(
                    what + " claims to hold a packet of " + Integer.toUnsignedLong(captured) + " bytes");
        }
        byte[] bytes = new byte[captured];
        body.get(at, bytes);
        return new Packet(link.linkType(), bytes);
    }

    private Interface linkOf(int interfaceId, String what) throws BadInputException {
        if (interfaceId < 0 || interfaceId >= interfaces.size()) {
            throw new BadInputException(what + " is of interface " + Integer.toUnsignedLong(interfaceId)
                    + ", but the section has " + interfaces.size());
        }
        return interfaces.get(interfaceId);
    }

    private static void require(ByteBuffer body, int bytes, String what) throws BadInputException {
        if (body.remaining() < bytes) {
            throw new BadInputException(what + " is too short for its type");
        }
    }
}
