package net.sniproxy.app.hello;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** The pcap format (draft-ietf-opsawg-pcap), in either byte order, with microseconds or nanoseconds. */
final class PcapReader implements PacketSource {
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;

    private final InputStream in;
    private final ByteOrder order;
    private final int linkType;
    private int packets;

    PcapReader(InputStream in) throws IOException, BadInputException {
        this.in = in;
        ByteBuffer header = ByteBuffer.wrap(PacketSource.read(in, FILE_HEADER, "the header of the file"));
        order = header.get(0) == (byte) 0xa1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        // The upper half has flags about frame check sequences.
        linkType = header.order(order).getInt(20) & 0xffff;
    }

    @Override
    public Optional<Packet> next() throws IOException, BadInputException {
        in.mark(1);
        if (in.read() < 0) {
            return Optional.empty();
        }
        in.reset();
        String what = "packet " + (packets + 1);
        ByteBuffer header =
                ByteBuffer.wrap(PacketSource.read(in, PACKET_HEADER, what)).order(order);
        int captured = header.getInt(8);
        if (captured < 0 || captured > LONGEST_PACKET) {
            throw new BadInputException(what + " claims to have " + Integer.toUnsignedLong(captured) + " bytes");
        }
        Packet packet = new Packet(linkType, PacketSource.read(in, captured, what));
        packets++;
        return Optional.of(packet);
    }

    @Override
    public int packets() {
        return packets;
    }
}
