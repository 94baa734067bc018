package net.sniproxy.e2e.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Everything that one end received: how much, its hash, and how it ended. Two values are equal only if all three are;
 * that is the comparison of every data test.
 *
 * @param bytes how many arrived
 * @param sha256 of these bytes, in hex
 * @param ending how the direction ended
 */
public record Received(long bytes, String sha256, Ending ending) {

    /** What a reader must have seen that got {@code parts} ({@code byte[]} or {@link Payload}) in this order. */
    public static Received of(Ending ending, Object... parts) {
        Meter meter = new Meter();
        for (Object part : parts) {
            switch (part) {
                case byte[] bytes -> meter.add(bytes, 0, bytes.length);
                case Payload payload -> payload.forEachChunk(meter::add);
                default -> throw new IllegalArgumentException("neither bytes nor a payload: " + part);
            }
        }
        return meter.ended(ending);
    }

    /** What a reader saw that stored it all in a file. */
    public static Received inFile(Ending ending, Path file) {
        Meter meter = new Meter();
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                meter.add(chunk, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return meter.ended(ending);
    }

    /** Counts and hashes as bytes go by. Not thread-safe. */
    static final class Meter {
        private final MessageDigest digest = freshDigest();
        private long count;

        void add(byte[] bytes, int offset, int length) {
            digest.update(bytes, offset, length);
            count += length;
        }

        long count() {
            return count;
        }

        Received ended(Ending ending) {
            return new Received(count, HexFormat.of().formatHex(digest.digest()), ending);
        }
    }

    private static MessageDigest freshDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
