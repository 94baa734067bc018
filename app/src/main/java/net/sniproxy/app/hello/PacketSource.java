package net.sniproxy.app.hello;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Optional;

/** The packets of a capture file, one after the other. */
interface PacketSource {
    /** No capture tool makes longer ones. */
    int LONGEST_PACKET = 16 << 20;

    /** The next packet; empty at the end of the file. */
    Optional<Packet> next() throws IOException, BadInputException;

    /** How many packets there were so far. */
    int packets();

    /** The reader for a file that begins so; empty where that is no capture. */
    static Optional<PacketSource> of(byte[] magic, InputStream in) throws IOException, BadInputException {
        return switch (HexFormat.of().formatHex(magic)) {
            case "a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1" -> Optional.of(new PcapReader(in));
            case "0a0d0d0a" -> Optional.of(new PcapNgReader(in));
            default -> Optional.empty();
        };
    }

    /** Exactly so many bytes; memory follows what is there, not what is asked for. */
    static byte[] read(InputStream in, int count, String what) throws IOException, BadInputException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new BadInputException(
                    "cut off in " + what + ": " + bytes.length + " of " + count + " bytes are there");
        }
        return bytes;
    }
}
