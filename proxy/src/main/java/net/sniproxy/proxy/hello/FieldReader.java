package net.sniproxy.proxy.hello;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a structure of TLS field by field, from pieces of any size. A subclass says which field comes first, and in
 * {@link #next} which one follows; it ends by asking for none. A field is a big-endian number within bounds, a run of
 * bytes, or a structure with a reader of its own. A number is refused at the first byte that puts it out of its bounds
 * whatever follows.
 */
abstract class FieldReader {
    private enum Kind {
        NUMBER,
        SKIPPED,
        KEPT,
        NESTED,
        NONE
    }

    private static final byte[] NOTHING = {};

    private Kind kind = Kind.NONE;
    /** Bytes of the current field that are still to come. */
    private int missing;

    private String name = "";
    private int number;
    private int min;
    private int max;
    private Refusal outOfBounds = Refusal.MALFORMED;
    private byte[] kept = NOTHING;
    private @Nullable FieldReader nested;
    private int position;
    private long steps;

    /** Reads as much as there is, but nothing behind the end of the structure. */
    final void read(ByteBuffer in) throws RefusedException {
        while (kind != Kind.NONE && in.hasRemaining()) {
            steps++;
            int before = in.position();
            boolean complete = switch (kind) {
                case NUMBER -> readNumber(in);
                case SKIPPED -> skip(in);
                case KEPT -> keep(in);
                case NESTED -> readNested(in);
                case NONE -> throw new IllegalStateException("nothing to read");
            };
            position += in.position() - before;
            if (complete) {
                kind = Kind.NONE;
                next();
            }
        }
    }

    /** Whether the structure is complete. */
    final boolean done() {
        return kind == Kind.NONE;
    }

    /** The bytes of the structure read before the current field is complete, or up to its end in {@link #next}. */
    final int position() {
        return position;
    }

    /** How often a byte or a run of bytes was taken: the measure of work, whatever the pieces. */
    final long steps() {
        return steps;
    }

    /** The current field is complete: asks for the one that follows. */
    abstract void next() throws RefusedException;

    /**
     * Asks for a number.
     *
     * @param name for messages
     * @param width in bytes, at most 3
     * @param outOfBounds why it is refused outside {@code min} to {@code max}
     */
    final void number(String name, int width, int min, int max, Refusal outOfBounds) {
        this.kind = Kind.NUMBER;
        this.missing = width;
        this.name = name;
        this.number = 0;
        this.min = min;
        this.max = max;
        this.outOfBounds = outOfBounds;
    }

    /** Asks for a number that must agree with the lengths around it. */
    final void number(String name, int width, int min, int max) {
        number(name, width, min, max, Refusal.MALFORMED);
    }

    /** Asks for bytes whose content does not matter, at least one. */
    final void bytes(int count) {
        this.kind = Kind.SKIPPED;
        this.missing = count;
    }

    /** Asks for bytes, at least one, to be had from {@link #kept} afterwards. */
    final void keptBytes(int count) {
        this.kind = Kind.KEPT;
        this.missing = count;
        this.kept = new byte[count];
    }

    /** Asks for bytes that a reader of their own reads, at least one. */
    final void nested(FieldReader reader, int count) {
        this.kind = Kind.NESTED;
        this.missing = count;
        this.nested = reader;
    }

    /** The number that is complete. */
    final int number() {
        return number;
    }

    /** The bytes that are complete. */
    final byte[] kept() {
        return kept;
    }

    private boolean readNumber(ByteBuffer in) throws RefusedException {
        number = number << 8 | in.get() & 0xff;
        missing--;
        int least = number << 8 * missing;
        int most = least | (1 << 8 * missing) - 1;
        if (least > max || most < min) {
            String found = missing == 0 ? Integer.toString(number) : least + " to " + most;
            String wanted = min == max ? Integer.toString(min) : min + " to " + max;
            throw new RefusedException(outOfBounds, name + " is " + found + ", not " + wanted);
        }
        return missing == 0;
    }

    private boolean skip(ByteBuffer in) {
        int count = Math.min(missing, in.remaining());
        in.position(in.position() + count);
        missing -= count;
        return missing == 0;
    }

    private boolean keep(ByteBuffer in) {
        int count = Math.min(missing, in.remaining());
        in.get(kept, kept.length - missing, count);
        missing -= count;
        return missing == 0;
    }

    private boolean readNested(ByteBuffer in) throws RefusedException {
        int limit = in.limit();
        int before = in.position();
        in.limit(before + Math.min(missing, in.remaining()));
        try {
            Objects.requireNonNull(nested).read(in);
        } finally {
            in.limit(limit);
        }
        missing -= in.position() - before;
        return missing == 0;
    }
}
