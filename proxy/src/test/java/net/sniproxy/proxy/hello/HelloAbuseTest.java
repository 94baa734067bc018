package net.sniproxy.proxy.hello;

import static net.sniproxy.proxy.hello.HelloBuilder.concat;
import static net.sniproxy.proxy.hello.Reading.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NeedMore;
import net.sniproxy.proxy.hello.HelloResult.Refused;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The faults and abuses of ClientHellos by their bytes, records and sizes, by their numbers; {@link HelloNamesTest} has the others. */
class HelloAbuseTest {
    private static final byte[] BROWSER =
            HelloBuilder.browser("www.example.test").inOneRecord();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Nested
    @DisplayName("1: slow hello")
    class Slow {
        @Test
        void shouldWaitWhileBytesComeOneByOne() {
            HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
            for (int i = 0; i < BROWSER.length - 1; i++) {
                assertThat(reader.read(new byte[] {BROWSER[i]})).isInstanceOf(NeedMore.class);
            }
            assertThat(reader.read(new byte[] {BROWSER[BROWSER.length - 1]})).isInstanceOf(Name.class);
        }
    }

    @Nested
    @DisplayName("2: any cut, any records")
    class Cuts {
        static List<byte[]> hellos() {
            return List.of(
                    BROWSER,
                    HelloBuilder.postQuantum("pq.example.test").inOneRecord(),
                    HelloBuilder.bare().inOneRecord(),
                    HelloBuilder.bare().withoutExtensionsBlock().inOneRecord());
        }

        @ParameterizedTest
        @MethodSource("hellos")
        void shouldAnswerTheSameForEveryCutAndNotBeforeTheEnd(byte[] wire) {
            HelloResult whole = Reading.whole(wire);
            for (int offset = 0; offset < wire.length; offset++) {
                assertThat(Reading.whole(Arrays.copyOf(wire, offset))).isInstanceOf(NeedMore.class);
                assertThat(Reading.cutAt(wire, offset)).isEqualTo(whole);
            }
        }

        @Test
        void shouldAnswerTheSameForRecordsOfEverySize() {
            byte[] message = HelloBuilder.browser("www.example.test").message();
            for (int size = 1; size <= message.length; size++) {
                int records = (message.length + size - 1) / size;
                byte[] wire = HelloBuilder.inRecords(message, size);

                assertThat(Reading.byByte(wire))
                        .isEqualTo(Reading.whole(wire))
                        .isEqualTo(new Name(
                                "www.example.test",
                                new ClientHello(
                                        List.of("h2", "http/1.1"), List.of(0x0304, 0x0303), wire.length, records)));
            }
        }

        @Test
        void shouldDoAFixedAmountOfWorkForEachByte() {
            for (int size : new int[] {400, 4000, 40_000}) {
                byte[] message =
                        HelloBuilder.browser("www.example.test").padTo(size).message();
                for (byte[] wire :
                        List.of(HelloBuilder.inRecords(message, 1 << 14), HelloBuilder.inRecords(message, 2))) {
                    RecordReader reader = new RecordReader(new HelloLimits(1 << 20, 1 << 20));
                    for (byte b : wire) {
                        read(reader, b);
                    }
                    assertThat(reader.done()).isTrue();
                    assertThat(reader.steps() + reader.hello().steps()).isLessThanOrEqualTo(2L * wire.length);
                }
            }
        }

        private void read(RecordReader reader, byte b) {
            try {
                reader.read(ByteBuffer.wrap(new byte[] {b}));
            } catch (RefusedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    @DisplayName("3: over 20 records, the name cut between two")
    void shouldReadANameCutBetweenRecords() {
        byte[] message = HelloBuilder.browser("www.example.test").message();
        int size = (message.length + 19) / 20;
        int nameAt = new String(message, StandardCharsets.ISO_8859_1).indexOf("www.example.test");
        int cut = nameAt + 5;
        byte[] wire = concat(
                HelloBuilder.inRecords(Arrays.copyOf(message, cut), size),
                HelloBuilder.inRecords(Arrays.copyOfRange(message, cut, message.length), size));

        assertThat(Reading.whole(wire)).isInstanceOfSatisfying(Name.class, result -> {
            assertThat(result.name()).isEqualTo("www.example.test");
            assertThat(result.hello().records()).isGreaterThanOrEqualTo(20);
        });
    }

    @Nested
    @DisplayName("4: large hellos")
    class Large {
        @Test
        void shouldReadAHelloOf21Kilobytes() {
            byte[] wire = HelloBuilder.browser("www.example.test").padTo(21_000).inOneRecord();

            assertThat(Reading.whole(wire))
                    .isInstanceOfSatisfying(
                            Name.class,
                            result -> assertThat(result.hello().records()).isEqualTo(2));
        }

        @Test
        void shouldReadUpToTheLimitAndNotAByteMore() {
            byte[] wire = HelloBuilder.browser("www.example.test").padTo(3000).inOneRecord();

            assertThat(new HelloReader(HelloLimits.ofBytes(3000)).read(wire)).isInstanceOf(Name.class);
            assertThat(new HelloReader(HelloLimits.ofBytes(2999)).read(wire))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Refusal.TOO_LARGE));
        }

        @Test
        void shouldRefuseAtTheEndOfARecordBehindWhichTheLimitHasRoomForNoOther() {
            byte[] firstRecord = Arrays.copyOf(HelloBuilder.bare().padTo(103).inRecords(95), 100);

            assertThat(new HelloReader(HelloLimits.ofBytes(105)).read(firstRecord))
                    .isEqualTo(new Refused(Refusal.TOO_LARGE, "not complete in 105 bytes", 99));
            assertThat(new HelloReader(HelloLimits.ofBytes(106)).read(firstRecord))
                    .isInstanceOf(NeedMore.class);
        }

        @Test
        void shouldRefuseADeclared16MebibytesAtItsFirstByte() {
            Refused refused = refused(new byte[] {22, 3, 1, 0x40, 0, 1, (byte) 0xff});

            assertThat(refused.reason()).isEqualTo(Refusal.TOO_LARGE);
            assertThat(refused.offset()).isEqualTo(6);
        }

        @Test
        void shouldRefuseRecordsThatTakeTheHelloOverTheLimit() {
            byte[] message =
                    HelloBuilder.browser("www.example.test").padTo(30_000).message();
            HelloResult result = Reading.whole(HelloBuilder.inRecords(message, 1));

            assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
                assertThat(refused.reason()).isEqualTo(Refusal.TOO_LARGE);
                assertThat(refused.offset()).isLessThan(HelloLimits.DEFAULT.bytes());
            });
        }

        @Test
        void shouldRefuseARecordOverTheLengthOfRecords() {
            assertThat(refused(new byte[] {22, 3, 1, 0x40, 1}).reason()).isEqualTo(Refusal.RECORD_OVERFLOW);
            assertThat(refused(new byte[] {22, 3, 1, 0x41}).reason()).isEqualTo(Refusal.RECORD_OVERFLOW);
        }

        @Test
        void shouldHoldMemoryForBytesReceivedNotForBytesDeclared() {
            com.sun.management.ThreadMXBean threads =
                    (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
            byte[] start = Arrays.copyOf(
                    HelloBuilder.browser("www.example.test").padTo(60_000).inOneRecord(), 200);
            Reading.whole(start);
            long before = threads.getCurrentThreadAllocatedBytes();
            HelloResult result = Reading.whole(start);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(result).isInstanceOf(NeedMore.class);
            assertThat(allocated).isLessThan(8192);
        }
    }

    @Nested
    @DisplayName("5: other protocols")
    class OtherProtocols {
        @ParameterizedTest
        @ValueSource(
                strings = {"GET / HTTP/1.1\r\n", "POST /", "OPTIONS *", "CONNECT a:1", "PRI * HTTP/2.0\r\n", "PATCH "})
        void shouldRecogniseHttp(String text) {
            Refused refused = refused(ascii(text));

            assertThat(refused.reason()).isEqualTo(Refusal.HTTP);
            assertThat(refused.reason().alert()).isEmpty();
            assertThat(Reading.byByte(ascii(text))).isEqualTo(refused);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"SSH-2.0-x", "EHLO mail", "220 mail", "GEX", "\0\0\0\0", "\u0013", "\u0018\3\1", " GET /"})
        void shouldRefuseWhatIsNeitherTlsNorHttp(String text) {
            Refused refused = refused(ascii(text));

            assertThat(refused.reason()).isEqualTo(Refusal.NOT_TLS);
            assertThat(refused.reason().alert()).isEmpty();
            assertThat(refused.offset()).isZero();
        }

        @Test
        void shouldRefuseSslV2AtItsFirstByte() {
            assertThat(refused(new byte[] {(byte) 0x80}).reason()).isEqualTo(Refusal.SSL_V2);
        }

        @Test
        void shouldRefuseAnotherMajorVersionAtItsByte() {
            assertThat(refused(new byte[] {22, 2}))
                    .isEqualTo(new Refused(Refusal.NOT_TLS, "record version is 512 to 767, not 768 to 1023", 1));
        }

        @ParameterizedTest
        @ValueSource(ints = {20, 21, 23})
        void shouldRefuseOtherRecordsWithTheAlertForThem(int type) {
            assertThat(refused(new byte[] {(byte) type}).reason().alert()).contains(TlsAlert.UNEXPECTED_MESSAGE);
        }

        @Test
        void shouldRefuseOtherHandshakeMessages() {
            assertThat(refused(new byte[] {22, 3, 1, 0, 100, 2}).reason()).isEqualTo(Refusal.UNEXPECTED_MESSAGE);
        }

        @Test
        void shouldRefuseAnotherRecordInTheMiddleOfTheHello() {
            byte[] records = HelloBuilder.browser("a.test").inRecords(100);
            records[105] = 23;

            assertThat(refused(records))
                    .isEqualTo(new Refused(Refusal.UNEXPECTED_MESSAGE, "record type is 23, not 22", 105));
        }

        /** What began as TLS gets an alert. */
        @Test
        void shouldRefuseARecordOfAnotherVersionInTheMiddleOfTheHello() {
            byte[] records = HelloBuilder.browser("a.test").inRecords(100);
            records[106] = 2;

            assertThat(refused(records).reason()).isEqualTo(Refusal.MALFORMED);
        }

        @Test
        void shouldRefuseEmptyRecords() {
            assertThat(refused(new byte[] {22, 3, 1, 0, 0}).reason()).isEqualTo(Refusal.MALFORMED);
        }
    }

    @Test
    void shouldHaveAnAlertForEveryRefusalOfTls() {
        assertThat(Arrays.stream(Refusal.values())
                        .filter(reason -> reason.alert().equals(Optional.empty())))
                .containsExactly(Refusal.HTTP, Refusal.SSL_V2, Refusal.NOT_TLS);
    }
}
