package net.sniproxy.app.hello;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The first flights in one file.
 *
 * @param what the kind of file, for messages
 * @param firstFlights what clients sent first, as far as it is there, in the order of their first packets
 * @param fault why reading ended before the end of the file, if it did
 */
record HelloSource(String what, List<byte[]> firstFlights, Optional<String> fault) {
    /** Larger than any first flight in hexadecimal digits; captures are read packet by packet and have no limit. */
    private static final int LONGEST_PLAIN = 16 << 20;

    private static final int MAGIC = 4;

    /** Finds out what the file is by its content, and reads it. */
    static HelloSource of(InputStream in) throws IOException, BadInputException {
        in.mark(MAGIC);
        byte[] magic = in.readNBytes(MAGIC);
        in.reset();
        Optional<PacketSource> capture = PacketSource.of(magic, in);
        return capture.isPresent() ? packets(capture.get()) : plain(in);
    }

    private static HelloSource packets(PacketSource capture) throws IOException {
        TcpStreams streams = new TcpStreams();
        Optional<String> fault = Optional.empty();
        try {
            for (Optional<Packet> packet = capture.next(); packet.isPresent(); packet = capture.next()) {
                add(packet.get(), streams);
            }
        } catch (BadInputException e) {
            fault = Optional.of(String.valueOf(e.getMessage()));
        }
        String what = "a capture of %d packets, %d TCP streams".formatted(capture.packets(), streams.count());
        return new HelloSource(what, streams.firstFlights(), fault);
    }

    private static HelloSource plain(InputStream in) throws IOException, BadInputException {
        byte[] bytes = in.readNBytes(LONGEST_PLAIN + 1);
        if (bytes.length > LONGEST_PLAIN) {
            throw new BadInputException("larger than 16 MiB and no packet capture");
        }
        Optional<List<byte[]>> dump = HexDump.parse(bytes);
        return dump.map(HelloSource::dump).orElseGet(() -> raw(List.of(bytes)));
    }

    private static HelloSource raw(List<byte[]> flights) {
        return new HelloSource("raw bytes", flights, Optional.empty());
    }

    /** Blocks of a hex dump are packets if every one of them is, and the bytes of a first flight otherwise. */
    private static HelloSource dump(List<byte[]> blocks) {
        List<Optional<Packet>> packets = blocks.stream().map(Packet::guess).toList();
        if (packets.stream().allMatch(Optional::isPresent)) {
            TcpStreams streams = new TcpStreams();
            packets.forEach(packet -> add(packet.orElseThrow(), streams));
            return new HelloSource(
                    "a hex dump of %d packets, %d TCP streams".formatted(packets.size(), streams.count()),
                    streams.firstFlights(),
                    Optional.empty());
        }
        return raw(blocks);
    }

    private static void add(Packet packet, TcpStreams streams) {
        packet.ip().flatMap(IpPacket::tcp).ifPresent(streams::add);
    }
}
