package net.sniproxy.proxy.hello;

import static net.jqwik.api.Arbitraries.bytes;
import static net.jqwik.api.Arbitraries.integers;
import static net.jqwik.api.RandomDistribution.uniform;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NeedMore;
import net.sniproxy.proxy.hello.HelloResult.Refused;

/** Bytes that nobody thought of. The seed is fixed: what fails, fails again. */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class HelloFuzzTest {
    private static final String SEED = "20260101";

    private static final List<byte[]> WHOLE_HELLOS = List.of(
            HelloBuilder.browser("www.example.test").inOneRecord(),
            HelloBuilder.browser("www.example.test").inRecords(37),
            HelloBuilder.postQuantum("pq.example.test").inOneRecord(),
            HelloBuilder.bare().serverName("a.test").inRecords(1),
            HelloBuilder.bare().withoutExtensionsBlock().inOneRecord(),
            "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    /** A change at a place, which is counted round from the beginning again where the bytes are fewer. */
    private record Change(Kind kind, int place, byte value) {
        enum Kind {
            REPLACE,
            ADD,
            CUT_OFF,
            PUT_IN,
            TAKE_OUT
        }

        byte[] of(byte[] bytes) {
            if (bytes.length == 0) {
                return bytes;
            }
            int at = place % bytes.length;
            byte[] before = Arrays.copyOf(bytes, at);
            byte[] behind = Arrays.copyOfRange(bytes, at + 1, bytes.length);
            return switch (kind) {
                case REPLACE -> HelloBuilder.concat(before, new byte[] {value}, behind);
                case ADD -> HelloBuilder.concat(before, new byte[] {(byte) (bytes[at] + value % 3)}, behind);
                case CUT_OFF -> before;
                case PUT_IN -> HelloBuilder.concat(before, new byte[] {value, bytes[at]}, behind);
                case TAKE_OUT -> HelloBuilder.concat(before, behind);
            };
        }
    }

    @Provide
    Arbitrary<byte[]> mutatedHellos() {
        Arbitrary<Change> changes = Combinators.combine(
                        Arbitraries.of(Change.Kind.class),
                        integers().between(0, 5000).withDistribution(uniform()),
                        bytes().withDistribution(uniform()))
                .as(Change::new);
        return Combinators.combine(Arbitraries.of(WHOLE_HELLOS), changes.list().ofMaxSize(3))
                .as((hello, some) -> {
                    byte[] wire = hello;
                    for (Change change : some) {
                        wire = change.of(wire);
                    }
                    return wire;
                });
    }

    @Provide
    Arbitrary<byte[]> randomBytesBehindARecordHeader() {
        byte[] start = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3, 3};
        return Combinators.combine(
                        integers().between(0, start.length).withDistribution(uniform()),
                        bytes().withDistribution(uniform()).array(byte[].class).ofMaxSize(300))
                .as((length, rest) -> HelloBuilder.concat(Arrays.copyOf(start, length), rest));
    }

    @Property(seed = SEED, tries = 30_000)
    void shouldAnswerTheSameForMutatedBytesHoweverTheyArrive(
            @ForAll("mutatedHellos") byte[] wire, @ForAll Random pieces) {
        HelloResult whole = Reading.whole(wire);

        assertThat(Reading.inRandomPieces(wire, pieces)).isEqualTo(whole);
        check(wire, whole);
        // Both sides of the reader are reached, many times.
        Statistics.collect(whole.getClass().getSimpleName());
        Statistics.coverage(answers -> {
            answers.check("Refused").percentage(share -> share > 15);
            answers.check("Name").percentage(share -> share > 15);
        });
    }

    /** A refusal holds for every continuation, and nothing shorter is refused: the byte it names is the first wrong one. */
    private static void check(byte[] wire, HelloResult result) {
        if (result instanceof Refused refused) {
            assertThat(refused.offset()).isBetween(0L, (long) wire.length - 1);
            assertThat(refused.detail()).isNotEmpty().matches("[\\x20-\\x7e]*");
            byte[] before = Arrays.copyOf(wire, (int) refused.offset());
            assertThat(Reading.whole(before)).isInstanceOf(NeedMore.class);
            if (refused.reason().alert().isPresent()) {
                assertThat(Reading.whole(Arrays.copyOf(wire, (int) refused.offset() + 1)))
                        .isEqualTo(refused);
            }
        }
        if (result instanceof Name(String name, ClientHello hello)) {
            assertThat(hello.bytes()).isLessThanOrEqualTo(wire.length);
            assertThat(ServerName.canonical(name)).isEqualTo(name);
        }
    }

    @Property(seed = SEED, tries = 2000)
    void shouldLookAtEachByteOnce(@ForAll("mutatedHellos") byte[] wire) {
        assertThat(Reading.byByte(wire)).isEqualTo(Reading.whole(wire));
    }

    @Property(seed = SEED, tries = 20_000)
    void shouldSurviveRandomBytesBehindARecordHeader(
            @ForAll("randomBytesBehindARecordHeader") byte[] wire, @ForAll Random pieces) {
        HelloResult whole = Reading.whole(wire);

        assertThat(Reading.inRandomPieces(wire, pieces)).isEqualTo(whole);
        check(wire, whole);
    }

    @Property(seed = SEED, tries = 3000)
    void shouldReadRandomHellosInRandomRecords(@ForAll Random random) {
        String name = "n" + random.nextInt(1000) + ".example.test";
        HelloBuilder hello = HelloBuilder.bare().sessionId(random.nextInt(33));
        int nameAt = random.nextInt(12);
        for (int i = 0; i < 12; i++) {
            if (i == nameAt) {
                hello.serverName(name);
            }
            hello.extension(100 + 50 * i, new byte[random.nextInt(i == 5 ? 2000 : 40)]);
        }
        byte[] wire = randomRecords(hello.message(), random);
        HelloResult result = new HelloReader(HelloLimits.DEFAULT).read(ByteBuffer.wrap(wire));

        assertThat(result).isInstanceOfSatisfying(Name.class, found -> {
            assertThat(found.name()).isEqualTo(name);
            assertThat(found.hello().bytes()).isEqualTo(wire.length);
        });
        assertThat(Reading.inRandomPieces(wire, random)).isEqualTo(result);
    }

    private static byte[] randomRecords(byte[] message, Random random) {
        byte[] wire = {};
        for (int from = 0, to; from < message.length; from = to) {
            to = Math.min(message.length, from + 1 + random.nextInt(300));
            wire = HelloBuilder.concat(wire, HelloBuilder.inRecords(Arrays.copyOfRange(message, from, to), 1 << 14));
        }
        return wire;
    }
}
