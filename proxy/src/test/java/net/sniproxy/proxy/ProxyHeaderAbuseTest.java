package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PROXY protocol headers of a trusted peer that are wrong, or about nobody. {@link LeakDetection} watches the buffers. */
class ProxyHeaderAbuseTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final byte[] HELLO = Hellos.of("a.test");

    private Backend backend;
    private TestProxy proxy;

    /** A header and what it is, version 2 in hexadecimal digits behind the signature. */
    private record Header(String what, byte[] bytes) {
        static Header v1(String what, String text) {
            return new Header(what, text.getBytes(StandardCharsets.ISO_8859_1));
        }

        static Header v2(String what, String behindSignature) {
            return new Header(what, HexFormat.of().parseHex(SIGNATURE + behindSignature.replace(" ", "")));
        }

        @Override
        public String toString() {
            return what;
        }
    }

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        proxy = TestProxy.start("'routes': [{'match': 'a.test', 'upstream': '" + backend.target()
                + "'}], 'accept_proxy': ['127.0.0.1']");
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        backend.close();
    }

    private static Stream<Header> wrong() {
        String ends = "c0000207 c0000208 1234 01bb";
        return Stream.of(
                Header.v1("no family", "PROXY\r\n"),
                Header.v1("unknown family", "PROXY TCP5 192.0.2.7 192.0.2.8 1 443\r\n"),
                Header.v1("a name for an address", "PROXY TCP4 localhost 192.0.2.8 1 443\r\n"),
                Header.v1("families mixed", "PROXY TCP4 2001:db8::1 192.0.2.8 1 443\r\n"),
                Header.v1("no ports", "PROXY TCP4 192.0.2.7 192.0.2.8\r\n"),
                Header.v1("a port too large", "PROXY TCP4 192.0.2.7 192.0.2.8 65536 443\r\n"),
                Header.v1("a negative port", "PROXY TCP4 192.0.2.7 192.0.2.8 -1 443\r\n"),
                Header.v1("a port that is no number", "PROXY TCP4 192.0.2.7 192.0.2.8 \u001b[2J 443\r\n"),
                Header.v1("too long", "PROXY TCP4 192.0.2.7 192.0.2.8 1 443" + " ".repeat(200) + "\r\n"),
                Header.v1("lower case", "proxy tcp4 192.0.2.7 192.0.2.8 1 443\r\n"),
                Header.v2("version 3", "31 11 000c" + ends),
                Header.v2("unknown command", "2f 11 000c" + ends),
                Header.v2("unknown family", "21 f1 000c" + ends),
                Header.v2("too short for its family", "21 11 0004 c0000207"),
                Header.v2("an extension behind its end", "21 11 0013" + ends + "02 ffff 65766967"),
                Header.v2("a good extension before a bad one", "21 11 0014" + ends + "020001 65" + "03 ffff 00"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldEndConnectionsWithAWrongHeader(Header header) throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(header.bytes);
            client.getOutputStream().write(HELLO);
            assertThat(receive(client).bytes()).isZero();
        }
        Closed end = proxy.nextClosed();
        assertThat(end.ending()).as(end.toString()).isEqualTo(Ending.PROXY_HEADER_INVALID);
        assertThat(end.upstream()).isEmpty();
    }

    private static Stream<Header> aboutNobody() {
        return Stream.of(
                Header.v1("UNKNOWN", "PROXY UNKNOWN\r\n"),
                Header.v1("UNKNOWN with addresses", "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"),
                Header.v2("LOCAL with an address", "20 11 000c c0000207 c0000208 1234 01bb"),
                Header.v2("unspecified", "21 00 0000"),
                Header.v2("unspecified with bytes", "21 00 0003 010203"),
                Header.v2("UDP", "21 12 000c c0000207 c0000208 1234 01bb"),
                Header.v2("a unix socket", "21 31 00d8" + "2f61" + "00".repeat(106) + "2f62" + "00".repeat(106)));
    }

    @ParameterizedTest
    @MethodSource("aboutNobody")
    void shouldTakeThePeerForTheClientWhereAHeaderNamesNone(Header header) throws Exception {
        try (Socket client = proxy.connect()) {
            var sent = new ByteArrayOutputStream();
            sent.write(header.bytes);
            sent.write(HELLO);
            client.getOutputStream().write(sent.toByteArray());
            client.shutdownOutput();
            try (Socket upstream = backend.accept()) {
                assertThat(receive(upstream)).isEqualTo(Streams.expected(Streams.End.FIN, HELLO));
            }
            assertThat(receive(client).bytes()).isZero();
            assertThat(proxy.nextClosed().client()).hasToString("/127.0.0.1:" + client.getLocalPort());
        }
    }

    @Test
    void shouldEndWhenThePeerLeavesInTheMiddleOfItsHeader() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write("PROXY TCP4 192.0.2.7".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(receive(client).bytes()).isZero();
        }
        assertThat(proxy.nextClosed().ending()).isIn(Ending.CLIENT_LEFT, Ending.PROXY_HEADER_INVALID);
    }

    @Test
    void shouldTakeMappedAddressesForWhatTheyAre() throws Exception {
        proxy.reload("'whitelist': ['b.test'], 'accept_proxy': ['127.0.0.1'], 'ip_whitelist': ['192.0.2.7']");
        String mapped = "00".repeat(10) + "ffff";
        try (Socket client = proxy.connect()) {
            client.getOutputStream()
                    .write(Header.v2("mapped", "21 21 0024" + mapped + "c0000207" + mapped + "c0000208" + "1234 01bb")
                            .bytes);
            client.getOutputStream().write(HELLO);
            client.getInputStream().readAllBytes();
        }
        Closed end = proxy.nextClosed();
        assertThat(end.ending()).as("admitted").isEqualTo(Ending.NO_ROUTE);
        assertThat(end.client()).hasToString("/192.0.2.7:4660");
    }
}
