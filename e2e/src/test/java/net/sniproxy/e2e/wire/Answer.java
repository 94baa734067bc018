package net.sniproxy.e2e.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A short answer, kept whole, and how it ended.
 *
 * @param bytes all that came
 * @param ending how the direction ended
 */
public record Answer(byte[] bytes, Ending ending) {
    private static final int ALERT_RECORD = 21;
    private static final int FATAL = 2;
    private static final int ALERT_LENGTH = 7;

    /** The code of a fatal TLS alert (RFC 8446, section 6), if the answer is exactly one such record. */
    public Optional<Integer> alert() {
        boolean alert = bytes.length == ALERT_LENGTH
                && bytes[0] == ALERT_RECORD
                && bytes[1] == 3
                && bytes[3] == 0
                && bytes[4] == 2
                && bytes[5] == FATAL;
        return alert ? Optional.of(bytes[6] & 0xff) : Optional.empty();
    }

    /** The bytes as text. */
    public String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Answer(byte[] theirs, Ending end) && Arrays.equals(bytes, theirs) && ending == end;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(bytes) + ending.hashCode();
    }

    @Override
    public String toString() {
        String shown = bytes.length <= 64 ? HexFormat.of().formatHex(bytes) : bytes.length + " bytes";
        return "Answer[" + shown + ", " + ending + "]";
    }
}
