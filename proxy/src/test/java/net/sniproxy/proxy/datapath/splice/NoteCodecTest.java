package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.sniproxy.proxy.datapath.ConnectionNote;
import org.junit.jupiter.api.Test;

/** What one process writes down of a connection, the next one reads. */
class NoteCodecTest {
    private static final String LONGEST = "a".repeat(253);
    private static final String TARGET = "backend.example.com:8443";
    private static final ConnectionNote NOTE = note(Optional.of("www.example.com"), List.of("h2", "http/1.1"), TARGET);

    @Test
    void shouldReadWhatItWrote() {
        assertThat(NoteCodec.encode(NOTE)).hasSize(NoteCodec.BYTES);
        assertThat(NoteCodec.decode(NoteCodec.encode(NOTE))).contains(NOTE);
    }

    @Test
    void shouldTellNoNameFromAnEmptyOne() {
        for (Optional<String> name : List.of(Optional.<String>empty(), Optional.of(""))) {
            ConnectionNote unnamed = note(name, List.of(), TARGET);
            assertThat(NoteCodec.decode(NoteCodec.encode(unnamed))).contains(unnamed);
        }
    }

    @Test
    void shouldHaveRoomForTheLongestNameAsNameAndAsTarget() {
        ConnectionNote large = note(Optional.of(LONGEST), List.of("h2", "http/1.1"), LONGEST + ":65535");
        assertThat(NoteCodec.decode(NoteCodec.encode(large))).contains(large);
    }

    @Test
    void shouldMarkATargetThatIsCut() {
        ConnectionNote large = note(Optional.of(LONGEST), List.of("h2"), "ü".repeat(130) + ":443");
        ConnectionNote read = NoteCodec.decode(NoteCodec.encode(large)).orElseThrow();
        assertThat(read.name()).contains(LONGEST);
        assertThat(read.alpn()).containsExactly("h2");
        assertThat(read.routeDigest()).isEqualTo(large.routeDigest());
        assertThat(read.target()).matches("ü{20,}…");
    }

    @Test
    void shouldLeaveOutProtocolsAsAWhole() {
        List<String> many = IntStream.range(0, 10_000).mapToObj(i -> "p" + i).toList();
        ConnectionNote read = NoteCodec.decode(NoteCodec.encode(note(Optional.of("www.example.com"), many, TARGET)))
                .orElseThrow();
        assertThat(read.alpn())
                .hasSizeGreaterThan(50)
                .isEqualTo(many.subList(0, read.alpn().size()));
        assertThat(read.name()).contains("www.example.com");
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

    private static ConnectionNote note(Optional<String> name, List<String> alpn, String target) {
        return new ConnectionNote(
                Instant.ofEpochMilli(1_767_000_000_123L),
                new InetSocketAddress("10.0.0.1", 443),
                new InetSocketAddress("2001:db8::3", 40_000),
                new InetSocketAddress("2001:db8::1", 65_535),
                new InetSocketAddress("2001:db8::2", 8443),
                name,
                alpn,
                -1L,
                target,
                517,
                0);
    }
}
