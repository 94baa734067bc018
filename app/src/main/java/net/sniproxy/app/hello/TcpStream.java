package net.sniproxy.app.hello;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.app.hello.TcpSegment.Endpoint;

/**
 * One TCP connection. Segments may come in any order, more than once, and overlap: of bytes that differ, those that came
 * first count, as in the kernel.
 */
final class TcpStream {
    /** No hello that the proxy takes is longer; what a client sends behind it is not kept. */
    private static final int LONGEST = 80 << 10;

    private final Map<Endpoint, Direction> directions = new LinkedHashMap<>(2);
    private Optional<Endpoint> client = Optional.empty();

    /** Whether a segment belongs to a later connection between the same endpoints. */
    boolean endsWith(TcpSegment segment) {
        Direction direction = directions.get(segment.from());
        return segment.syn()
                && !segment.ack()
                && direction != null
                && direction.first.isPresent()
                && direction.first.getAsInt() != segment.sequence() + 1;
    }

    void add(TcpSegment segment) {
        if (segment.syn()) {
            client = Optional.of(segment.ack() ? segment.to() : segment.from());
        }
        Direction direction = directions.computeIfAbsent(segment.from(), _ -> new Direction());
        direction.add(segment, client.isEmpty() || client.get().equals(segment.from()));
    }

    /**
     * What the client sent first. Where the capture lacks the beginning of the connection, only bytes that look like a
     * ClientHello say who the client is.
     */
    Optional<byte[]> firstFlight() {
        if (client.isPresent()) {
            return Optional.ofNullable(directions.get(client.get()))
                    .map(Direction::bytes)
                    .filter(bytes -> bytes.length > 0);
        }
        return directions.values().stream()
                .map(Direction::bytes)
                .filter(TcpStream::looksLikeClientHello)
                .findFirst();
    }

    private static boolean looksLikeClientHello(byte[] bytes) {
        return bytes.length > 5 && bytes[0] == 22 && bytes[1] == 3 && bytes[5] == 1;
    }

    private static final class Direction {
        private record Piece(int sequence, byte[] bytes) {}

        private final List<Piece> pieces = new ArrayList<>();
        /** Of the first payload byte, where SYN was captured. */
        private OptionalInt first = OptionalInt.empty();

        void add(TcpSegment segment, boolean mayBeClient) {
            int sequence = segment.sequence() + (segment.syn() ? 1 : 0);
            if (segment.syn()) {
                first = OptionalInt.of(sequence);
            }
            boolean near = pieces.isEmpty() || Math.abs(sequence - start()) < LONGEST;
            if (mayBeClient && near && segment.payload().length > 0) {
                pieces.add(new Piece(sequence, segment.payload()));
            }
        }

        private int start() {
            return first.orElseGet(() -> pieces.getFirst().sequence());
        }

        /** All bytes up to the first gap. */
        byte[] bytes() {
            if (pieces.isEmpty()) {
                return new byte[0];
            }
            int reference = start();
            int lowest = pieces.stream()
                    .mapToInt(piece -> piece.sequence() - reference)
                    .min()
                    .orElse(0);
            int base = first.isPresent() ? reference : reference + lowest;
            byte[] bytes = new byte[LONGEST];
            BitSet filled = new BitSet();
            for (Piece piece : pieces) {
                fill(bytes, filled, piece, piece.sequence() - base);
            }
            return Arrays.copyOf(bytes, filled.nextClearBit(0));
        }

        private static void fill(byte[] bytes, BitSet filled, Piece piece, int offset) {
            int end = (int) Math.min(LONGEST, (long) offset + piece.bytes().length);
            for (int at = filled.nextClearBit(Math.max(0, offset)); at < end; at = filled.nextClearBit(at)) {
                bytes[at] = piece.bytes()[at - offset];
                filled.set(at);
            }
        }
    }
}
