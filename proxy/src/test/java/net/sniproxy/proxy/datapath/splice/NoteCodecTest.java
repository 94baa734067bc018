package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.sniproxy.proxy.datapath.ConnectionNote;
import org.junit.jupiter.api.Test;

/** What one process writes down of a connection, the next one reads. */
class NoteCodecTest {
    private static final ConnectionNote NOTE = note(Optional.of("www.example.com"), List.of("h2", "http/1.1"), "route");

    @Test
    void shouldReadWhatItWrote() {
        assertThat(NoteCodec.encode(NOTE)).hasSize(NoteCodec.BYTES);
        assertThat(NoteCodec.decode(NoteCodec.encode(NOTE))).contains(NOTE);
    }

    @Test
    void shouldTellNoNameFromAnEmptyOne() {
        ConnectionNote unnamed = note(Optional.empty(), List.of(), "");
        assertThat(NoteCodec.decode(NoteCodec.encode(unnamed))).contains(unnamed);
    }

    @Test
    void shouldCutTheLeastImportantTextsWhereTheyDoNotFit() {
        String longest = "a".repeat(253);
        ConnectionNote large = note(Optional.of(longest), List.of("h2"), "r".repeat(300));
        ConnectionNote read = NoteCodec.decode(NoteCodec.encode(large)).orElseThrow();
        assertThat(read.name()).contains(longest);
        assertThat(read.target()).isEqualTo(large.target());
        assertThat(large.route()).startsWith(read.route());
        assertThat(read.routeDigest()).isEqualTo(large.routeDigest());
    }

    @Test
    void shouldReadNoNoteFromZeroes() {
        assertThat(NoteCodec.decode(new byte[NoteCodec.BYTES])).isEmpty();
    }

    @Test
    void shouldSurviveWhatIsNoNote() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] spoilt = NoteCodec.encode(NOTE);
            for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                spoilt[random.nextInt(120)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(spoilt, random.nextInt(NoteCodec.BYTES));
            assertThatCode(() -> NoteCodec.decode(spoilt)).doesNotThrowAnyException();
            assertThatCode(() -> NoteCodec.decode(cut)).doesNotThrowAnyException();
        }
    }

    private static ConnectionNote note(Optional<String> name, List<String> alpn, String route) {
        return new ConnectionNote(
                Instant.ofEpochMilli(1_767_000_000_123L),
                new InetSocketAddress("10.0.0.1", 443),
                new InetSocketAddress("192.0.2.1", 40_000),
                new InetSocketAddress("2001:db8::1", 65_535),
                new InetSocketAddress("2001:db8::2", 8443),
                name,
                alpn,
                route,
                -1L,
                "backend.example.com:8443",
                517,
                0);
    }
}
