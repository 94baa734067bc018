package net.sniproxy.proxy.hello;

import static net.sniproxy.proxy.hello.HelloBuilder.concat;
import static net.sniproxy.proxy.hello.HelloBuilder.entry;
import static net.sniproxy.proxy.hello.Reading.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NoName;
import net.sniproxy.proxy.hello.HelloResult.Refused;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The faults and abuses of names, extensions and their lengths in ClientHellos, by their numbers. */
class HelloNamesTest {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static HelloResult name(String name) {
        return Reading.whole(HelloBuilder.bare().serverName(name).inOneRecord());
    }

    @Nested
    @DisplayName("6: names")
    class Names {
        @ParameterizedTest
        @CsvSource({
            "WWW.Example.TEST, www.example.test",
            "_dmarc.a_b.test, _dmarc.a_b.test",
            "xn--bcher-kva.test, xn--bcher-kva.test",
            "localhost, localhost",
            "1.2.3.4.test, 1.2.3.4.test",
            "0x.a, 0x.a",
            "r3---sn-.test, r3---sn-.test"
        })
        void shouldGiveTheCanonicalForm(String sent, String canonical) {
            assertThat(name(sent))
                    .isInstanceOfSatisfying(
                            Name.class, result -> assertThat(result.name()).isEqualTo(canonical));
        }

        @ParameterizedTest
        @CsvSource({
            "example.test., ends with a dot",
            ".example.test, has an empty label",
            "a..test, has an empty label",
            "., ends with a dot",
            "*.example.test, has \"*\" at 0",
            "*, has \"*\" at 0",
            "192.0.2.1, is an IP address literal",
            "127.1, is an IP address literal",
            "0x7f000001, is an IP address literal",
            "a.0X7f, is an IP address literal",
            "a.0x7F, is an IP address literal",
            "2001:db8::1, is an IP address literal",
            "[::1], is an IP address literal",
            "a.test:443, is an IP address literal or has a port",
            "a b.test, has \" \" at 1",
            "a/b.test, has \"/\" at 1"
        })
        void shouldRefuseWhatIsNoHostName(String sent, String fault) {
            Refused refused = refused(HelloBuilder.bare().serverName(sent).inOneRecord());

            assertThat(refused.reason()).isEqualTo(Refusal.BAD_NAME);
            assertThat(refused.detail()).startsWith("name \"" + sent + "\" ").contains(fault);
            assertThat(refused.reason().alert()).contains(TlsAlert.UNRECOGNIZED_NAME);
        }

        @Test
        void shouldWriteBadNamesEscaped() {
            assertThat(refused(HelloBuilder.bare().serverName("a\0b.test").inOneRecord())
                            .detail())
                    .isEqualTo("name \"a\\x00b.test\" has a NUL at 1");
            assertThat(refused(HelloBuilder.bare()
                                    .serverName("b\u00fccher.test\n\u001b[31m\"\\")
                                    .inOneRecord())
                            .detail())
                    .isEqualTo(
                            "name \"b\\xfccher.test\\x0a\\x1b[31m\\x22\\x5c\" has a character that is not ASCII at 1");
        }

        @Test
        void shouldMeasureLabelsAndNames() {
            String label = "a".repeat(63);
            String longest = String.join(".", label, label, label, "a".repeat(61));

            assertThat(longest).hasSize(253);
            assertThat(name(longest)).isInstanceOf(Name.class);
            assertThat(name(longest + "a")).isInstanceOf(Refused.class);
            assertThat(name(label + "a.test")).isInstanceOf(Refused.class);
            assertThat(refused(HelloBuilder.bare().serverName("a".repeat(300)).inOneRecord())
                            .detail())
                    .isEqualTo("name of 300 bytes, longer than 253");
        }
    }

    @Nested
    @DisplayName("7: several names")
    class SeveralNames {
        @Test
        void shouldRefuseTwoServerNameExtensions() {
            byte[] wire = HelloBuilder.bare()
                    .serverName("a.test")
                    .serverName("a.test")
                    .inOneRecord();

            assertThat(refused(wire).reason()).isEqualTo(Refusal.DUPLICATE_EXTENSION);
        }

        @Test
        void shouldRefuseAnyOtherExtensionTwice() {
            byte[] wire = HelloBuilder.bare()
                    .extension(0xfafa, new byte[0])
                    .extension(1, new byte[3])
                    .extension(0xfafa, new byte[2])
                    .inOneRecord();

            assertThat(refused(wire).reason()).isEqualTo(Refusal.DUPLICATE_EXTENSION);
        }

        @Test
        void shouldReadAsManyDifferentExtensionsAsFit() {
            HelloBuilder hello = HelloBuilder.bare().serverName("a.test");
            for (int type = 100; type < 4000; type++) {
                hello.extension(type, new byte[0]);
            }

            assertThat(Reading.whole(hello.inOneRecord())).isInstanceOf(Name.class);
        }

        @Test
        void shouldRefuseTwoNamesInOneExtension() {
            byte[] wire = HelloBuilder.bare()
                    .serverNames(entry(0, ascii("a.test")), entry(0, ascii("b.test")))
                    .inOneRecord();

            assertThat(refused(wire).reason()).isEqualTo(Refusal.SEVERAL_NAMES);
        }

        @Test
        void shouldTakeAnotherTypeOfNameForNone() {
            byte[] wire =
                    HelloBuilder.bare().serverNames(entry(1, ascii("a\0test"))).inOneRecord();

            assertThat(Reading.whole(wire)).isInstanceOf(NoName.class);
        }
    }

    @Nested
    @DisplayName("8: lengths")
    class Lengths {
        /** Every length field of a hello, with its width; the types and values between them are found by reading. */
        @Test
        void shouldRefuseEveryLengthThatIsWrongByTwoAndReadNothingBehindTheEnd() {
            byte[] wire = HelloBuilder.bare()
                    .serverName("www.example.test")
                    .alpn("h2", "http/1.1")
                    .versions(0x0304, 0x0303)
                    .inOneRecord();
            for (LengthField field : LengthField.all(wire)) {
                for (int change : new int[] {2, -2}) {
                    byte[] wrong = field.changed(wire, change);
                    assertThat(endsWell(wrong))
                            .as("%s changed by %d", field, change)
                            .isFalse();
                }
            }
        }

        /** Whether a hello is read as if it were right. More bytes than there are may only be waited for. */
        private boolean endsWell(byte[] wire) {
            HelloResult result = Reading.whole(concat(wire, new byte[64]));
            assertThat(Reading.byByte(concat(wire, new byte[64]))).isEqualTo(result);
            return !(result instanceof Refused);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3, 4, 5})
        void shouldRefuseServerNamesTooShortForAName(int length) {
            assertThat(refused(HelloBuilder.bare()
                                    .extension(0, new byte[length])
                                    .inOneRecord())
                            .reason())
                    .isEqualTo(Refusal.MALFORMED);
        }

        @ParameterizedTest
        @MethodSource("brokenExtensions")
        void shouldRefuseBrokenListsInExtensions(int type, byte[] body) {
            assertThat(refused(HelloBuilder.bare().extension(type, body).inOneRecord())
                            .reason())
                    .isEqualTo(Refusal.MALFORMED);
        }

        static List<Object[]> brokenExtensions() {
            return List.of(
                    new Object[] {16, new byte[0]},
                    new Object[] {16, new byte[] {0, 2, 0, 0}},
                    new Object[] {16, new byte[] {0, 3, 1, 'x', 0}},
                    new Object[] {16, new byte[] {0, 4, 1, 'x', 2, 'y'}},
                    new Object[] {43, new byte[0]},
                    new Object[] {43, new byte[] {0}},
                    new Object[] {43, new byte[] {1, 3}},
                    new Object[] {43, new byte[] {4, 3, 4}},
                    new Object[] {43, new byte[] {2, 3, 4, 3, 3}});
        }

        @Test
        void shouldRefuseBytesBehindTheHelloInItsRecord() {
            byte[] message = HelloBuilder.browser("a.test").message();
            byte[] wire = HelloBuilder.inRecords(concat(message, new byte[1]), 1 << 14);

            assertThat(refused(wire).offset()).isEqualTo(8);
        }
    }

    @Nested
    @DisplayName("9: no name")
    class NoNames {
        @Test
        void shouldAnswerNoNameWithoutServerName() {
            assertThat(Reading.whole(HelloBuilder.bare().alpn("h2").inOneRecord()))
                    .isInstanceOfSatisfying(
                            NoName.class,
                            result -> assertThat(result.hello().alpn()).containsExactly("h2"));
        }

        @Test
        void shouldAnswerTheOuterNameOfAnEncryptedHello() {
            byte[] wire = HelloBuilder.browser("public.example")
                    .extension(0xfe0d, new byte[250])
                    .inOneRecord();

            assertThat(Reading.whole(wire))
                    .isInstanceOfSatisfying(
                            Name.class, result -> assertThat(result.name()).isEqualTo("public.example"));
        }
    }
}
