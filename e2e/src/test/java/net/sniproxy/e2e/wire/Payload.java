package net.sniproxy.e2e.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A reproducible stream of bytes without period, so that a lost, doubled or moved piece changes its hash.
 *
 * @param seed decides the bytes
 * @param length in bytes
 */
public record Payload(long seed, long length) {
    private static final int CHUNK = 1 << 16;

    /** Takes the stream piece by piece; the array is reused between calls. */
    @FunctionalInterface
    public interface Sink<X extends Exception> {
        void accept(byte[] bytes, int offset, int length) throws X;
    }

    /** Hands the whole stream to {@code sink}. */
    public <X extends Exception> void forEachChunk(Sink<X> sink) throws X {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] chunk = new byte[CHUNK];
        for (long left = length; left > 0; left -= CHUNK) {
            random.nextBytes(chunk);
            sink.accept(chunk, 0, (int) Math.min(left, CHUNK));
        }
    }

    /** The stream as one array; for payloads that fit. */
    public byte[] bytes() {
        byte[] all = new byte[Math.toIntExact(length)];
        int[] filled = {0};
        forEachChunk((bytes, offset, size) -> {
            System.arraycopy(bytes, offset, all, filled[0], size);
            filled[0] += size;
        });
        return all;
    }

    /** Writes the stream to a file. */
    public Path writeTo(Path file) {
        try (OutputStream out = Files.newOutputStream(file)) {
            forEachChunk(out::write);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
