package net.sniproxy.proxy.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NeedMore;
import net.sniproxy.proxy.hello.HelloResult.Refused;
import org.junit.jupiter.api.Test;

/** Bytes that nobody thought of. The seeds are fixed: what fails, fails again. */
class HelloFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            HelloBuilder.browser("www.example.test").inOneRecord(),
            HelloBuilder.browser("www.example.test").inRecords(37),
            HelloBuilder.postQuantum("pq.example.test").inOneRecord(),
            HelloBuilder.bare().serverName("a.test").inRecords(1),
            HelloBuilder.bare().withoutExtensionsBlock().inOneRecord(),
            "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    @Test
    void shouldAnswerTheSameForMutatedBytesHoweverTheyArrive() {
        Random random = new Random(20_260_101);
        int refused = 0;
        int named = 0;
        for (int round = 0; round < 60_000; round++) {
            byte[] wire = mutated(SEEDS.get(random.nextInt(SEEDS.size())), random);
            HelloResult whole = Reading.whole(wire);
            assertThat(Reading.inRandomPieces(wire, random)).isEqualTo(whole);
            check(wire, whole);
            refused += whole instanceof Refused ? 1 : 0;
            named += whole instanceof Name ? 1 : 0;
        }
        // Both sides of the reader are reached, many times.
        assertThat(refused).isGreaterThan(10_000);
        assertThat(named).isGreaterThan(10_000);
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

    @Test
    void shouldLookAtEachByteOnce() {
        Random random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            byte[] wire = mutated(SEEDS.get(random.nextInt(SEEDS.size())), random);

            assertThat(Reading.byByte(wire)).isEqualTo(Reading.whole(wire));
        }
    }

    @Test
    void shouldSurviveRandomBytesBehindARecordHeader() {
        Random random = new Random(6);
        for (int round = 0; round < 20_000; round++) {
            byte[] wire = new byte[random.nextInt(300)];
            random.nextBytes(wire);
            byte[] start = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3, 3};
            System.arraycopy(start, 0, wire, 0, Math.min(wire.length, random.nextInt(start.length + 1)));
            HelloResult whole = Reading.whole(wire);

            assertThat(Reading.inRandomPieces(wire, random)).isEqualTo(whole);
            check(wire, whole);
        }
    }

    @Test
    void shouldReadRandomHellosInRandomRecords() {
        Random random = new Random(7);
        for (int round = 0; round < 3000; round++) {
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
            HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
            HelloResult result = reader.read(ByteBuffer.wrap(wire));

            assertThat(result).isInstanceOfSatisfying(Name.class, found -> {
                assertThat(found.name()).isEqualTo(name);
                assertThat(found.hello().bytes()).isEqualTo(wire.length);
            });
            assertThat(Reading.inRandomPieces(wire, random)).isEqualTo(result);
        }
    }

    private static byte[] randomRecords(byte[] message, Random random) {
        byte[] wire = {};
        for (int from = 0, to; from < message.length; from = to) {
            to = Math.min(message.length, from + 1 + random.nextInt(300));
            wire = HelloBuilder.concat(wire, HelloBuilder.inRecords(Arrays.copyOfRange(message, from, to), 1 << 14));
        }
        return wire;
    }

    /** Some bytes changed, taken out, put in, or cut off; sometimes none. */
    private static byte[] mutated(byte[] wire, Random random) {
        byte[] bytes = wire.clone();
        for (int change = random.nextInt(4); change > 0 && bytes.length > 0; change--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0, 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] += (byte) (random.nextInt(5) - 2);
                case 3 -> bytes = Arrays.copyOf(bytes, at);
                case 4 ->
                    bytes = HelloBuilder.concat(
                            Arrays.copyOf(bytes, at),
                            new byte[] {(byte) random.nextInt(256)},
                            Arrays.copyOfRange(bytes, at, bytes.length));
                default ->
                    bytes = HelloBuilder.concat(
                            Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
            }
        }
        return bytes;
    }
}
