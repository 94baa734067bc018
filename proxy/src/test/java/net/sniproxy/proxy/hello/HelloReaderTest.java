package net.sniproxy.proxy.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NeedMore;
import net.sniproxy.proxy.hello.HelloResult.NoName;
import net.sniproxy.proxy.hello.HelloResult.Refused;
import org.junit.jupiter.api.Test;

class HelloReaderTest {
    @Test
    void shouldReadNameProtocolsAndVersions() {
        byte[] wire = HelloBuilder.browser("www.example.test").inOneRecord();

        assertThat(Reading.whole(wire))
                .isEqualTo(new Name(
                        "www.example.test",
                        new ClientHello(List.of("h2", "http/1.1"), List.of(0x0304, 0x0303), wire.length, 1)));
    }

    @Test
    void shouldCountTheRecordsAndTheBytesOfTheirHeaders() {
        byte[] message = HelloBuilder.browser("www.example.test").message();
        byte[] wire = HelloBuilder.inRecords(message, 100);
        int records = (message.length + 99) / 100;

        assertThat(Reading.whole(wire))
                .isEqualTo(new Name(
                        "www.example.test",
                        new ClientHello(
                                List.of("h2", "http/1.1"),
                                List.of(0x0304, 0x0303),
                                message.length + 5 * records,
                                records)));
    }

    @Test
    void shouldTakeTheLegacyVersionWhereNoVersionsAreListed() {
        for (int version : new int[] {0x0301, 0x0302, 0x0303}) {
            HelloResult result = Reading.whole(HelloBuilder.bare()
                    .clientVersion(version)
                    .serverName("a.test")
                    .inOneRecord());

            assertThat(result)
                    .isInstanceOfSatisfying(
                            Name.class,
                            name -> assertThat(name.hello().versions()).containsExactly(version));
        }
    }

    @Test
    void shouldRefuseSsl3() {
        assertRefused(
                HelloBuilder.bare().clientVersion(0x0300).inOneRecord(), Refusal.PROTOCOL_VERSION, "client version");
    }

    @Test
    void shouldAnswerNoNameWhereThereAreNoExtensions() {
        byte[] wire = HelloBuilder.bare().withoutExtensionsBlock().inOneRecord();

        assertThat(Reading.whole(wire))
                .isEqualTo(new NoName(new ClientHello(List.of(), List.of(0x0303), wire.length, 1)));
    }

    @Test
    void shouldAcceptAnEmptyExtensionsBlockAndNoSessionId() {
        assertThat(Reading.whole(HelloBuilder.bare().sessionId(0).inOneRecord()))
                .isInstanceOf(NoName.class);
    }

    @Test
    void shouldLeaveBytesBehindTheHelloAlone() {
        byte[] hello = HelloBuilder.browser("a.test").inOneRecord();
        ByteBuffer bytes = ByteBuffer.wrap(HelloBuilder.concat(hello, new byte[] {23, 3, 3, 0, 1, 9}));

        assertThat(new HelloReader(HelloLimits.DEFAULT).read(bytes)).isInstanceOf(Name.class);
        assertThat(bytes.position()).isEqualTo(hello.length);
        assertThat(bytes.remaining()).isEqualTo(6);
    }

    @Test
    void shouldReadDirectAndReadOnlyBuffers() {
        byte[] hello = HelloBuilder.browser("a.test").inOneRecord();
        ByteBuffer direct =
                ByteBuffer.allocateDirect(hello.length).put(hello).flip().asReadOnlyBuffer();

        assertThat(new HelloReader(HelloLimits.DEFAULT).read(direct)).isEqualTo(Reading.whole(hello));
    }

    @Test
    void shouldKeepItsAnswer() {
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
        HelloResult first = reader.read(HelloBuilder.browser("a.test").inOneRecord());

        assertThat(reader.read(HelloBuilder.browser("b.test").inOneRecord())).isSameAs(first);
    }

    @Test
    void shouldWaitForBytesThatAreNotThere() {
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);

        assertThat(reader.read(new byte[0])).isInstanceOf(NeedMore.class);
        assertThat(reader.read(new byte[] {22})).isInstanceOf(NeedMore.class);
    }

    @Test
    void shouldLeaveGreaseOut() {
        HelloResult result = Reading.whole(HelloBuilder.bare()
                .serverName("a.test")
                .versions(0x0a0a, 0x0304, 0xfafa)
                .alpn("\u001a\u001a", "h2", "\u001a\u002a")
                .inOneRecord());

        assertThat(result).isInstanceOfSatisfying(Name.class, name -> {
            assertThat(name.hello().versions()).containsExactly(0x0304);
            assertThat(name.hello().alpn()).containsExactly("h2", "\\x1a*");
        });
    }

    @Test
    void shouldRefuseMoreRecordsThanTheLimit() {
        HelloReader reader = new HelloReader(new HelloLimits(65_536, 3));

        assertThat(reader.read(HelloBuilder.browser("a.test").inRecords(20)))
                .isEqualTo(new Refused(Refusal.TOO_LARGE, "not complete in 3 records", 74));
    }

    @Test
    void shouldRefuseMoreProtocolsThanAnyClientOffers() {
        String[] most = new String[256];
        Arrays.fill(most, "x");
        String[] tooMany = Arrays.copyOf(most, 257);
        tooMany[256] = "x";

        assertProtocols(256, HelloBuilder.bare().alpn(most));
        assertRefused(
                HelloBuilder.bare().alpn(tooMany).inOneRecord(), Refusal.TOO_LARGE, "more than 256 ALPN protocols");
    }

    /** A connection keeps them for as long as it lasts, some of their bytes as four characters. */
    @Test
    void shouldRefuseProtocolsThatWouldTakeUpMuchMemory() {
        String[] protocols = new String[8];
        Arrays.fill(protocols, "\u0000".repeat(255));
        protocols[7] = "x".repeat(253); // 2,048 bytes, with the length of the list and one for each.
        assertProtocols(8, HelloBuilder.bare().alpn(protocols));

        protocols[7] += "x";
        assertRefused(HelloBuilder.bare().alpn(protocols).inOneRecord(), Refusal.TOO_LARGE, "ALPN protocols of 2049");
    }

    private static void assertProtocols(int count, HelloBuilder hello) {
        assertThat(Reading.whole(hello.inOneRecord()))
                .isInstanceOfSatisfying(
                        NoName.class,
                        result -> assertThat(result.hello().alpn()).hasSize(count));
    }

    @Test
    void shouldRefuseHalfACipherSuite() {
        byte[] hello = HelloBuilder.bare().serverName("a.test").inOneRecord();
        LengthField suites = LengthField.all(hello).stream()
                .filter(field -> field.name().equals("cipher suites"))
                .findFirst()
                .orElseThrow();

        assertRefused(suites.changed(hello, -1), Refusal.MALFORMED, "cipher suites length is 5, not even");
    }

    @Test
    void shouldRefuseWhatIsTooShortForAnotherExtension() {
        byte[] hello = HelloBuilder.bare().extension(1, new byte[3]).inOneRecord();
        for (int behind = 1; behind <= 3; behind++) {
            hello[hello.length - 4] = (byte) (3 - behind);
            assertRefused(hello, Refusal.MALFORMED, behind + " bytes behind the last extension");
        }
    }

    @Test
    void shouldMakeWholeAlertRecords() {
        assertThat(TlsAlert.UNRECOGNIZED_NAME.record()).containsExactly(21, 3, 3, 0, 2, 2, 112);
    }

    static void assertRefused(byte[] wire, Refusal reason, String detail) {
        assertThat(Reading.whole(wire)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.detail()).contains(detail);
        });
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
