package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways to an upstream: unix sockets, SOCKS5, several targets, the PROXY protocol in and out. */
class UpstreamTest {
    private static final byte[] HELLO = Hellos.of("a.test");

    @AutoClose
    private final Backend backend = new Backend();

    @AutoClose
    private final Backend other = new Backend();

    private static String route(String upstream, String more) {
        return "'routes': [{'match': 'a.test', 'upstream': " + upstream + more + "}]";
    }

    @Test
    void shouldConnectToAUnixSocket(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("upstream.sock");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            byte[] response = Streams.random(3 << 20, 1);
            try (var proxy = TestProxy.start(route("'unix:" + path + "'", ""));
                    Socket client = proxy.connect()) {
                client.getOutputStream().write(HELLO);
                client.shutdownOutput();
                try (SocketChannel upstream = listener.accept()) {
                    assertThat(receive(Channels.newInputStream(upstream))).isEqualTo(expected(FIN, HELLO));
                    var answered = Streams.async(() -> {
                        var all = ByteBuffer.wrap(response);
                        while (all.hasRemaining()) {
                            upstream.write(all);
                        }
                        upstream.shutdownOutput();
                        return null;
                    });
                    assertThat(receive(client)).isEqualTo(expected(FIN, response));
                    answered.join();
                }
                Closed end = proxy.nextClosed();
                assertThat(end.ending()).as(end.toString()).isEqualTo(Ending.COMPLETED);
                assertThat(end.bytesDown()).isEqualTo(response.length);
            }
        }
    }

    @Test
    void shouldNameTheUnixSocketThatIsNotThere() throws Exception {
        try (var proxy = TestProxy.start(route("'unix:/no/such/socket'", ""));
                Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            assertThat(client.getInputStream().readAllBytes()).containsExactly(21, 3, 3, 0, 2, 2, 80);
            client.shutdownOutput();
            assertThat(proxy.nextClosed().detail()).startsWith("/no/such/socket: ");
        }
    }

    @Test
    void shouldConnectThroughSocks5WithThePasswordAndTheNameUnresolved() throws Exception {
        try (var proxy = TestProxy.start("'socks5_whitelist': ['a.test'], 'socks5': {'addr': '" + backend.target()
                        + "', 'username': 'user', 'password': 'secret'}");
                Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            try (Socket socks = backend.accept()) {
                InputStream in = socks.getInputStream();
                byte[] methods = in.readNBytes(in.readNBytes(2)[1]);
                assertThat(methods).contains(2);
                socks.getOutputStream().write(new byte[] {5, 2});
                assertThat(in.readNBytes(13)).isEqualTo("\1\4user\6secret".getBytes(StandardCharsets.US_ASCII));
                socks.getOutputStream().write(new byte[] {1, 0});
                assertThat(in.readNBytes(13))
                        .isEqualTo("\5\1\0\3\6a.test\1\u00bb".getBytes(StandardCharsets.ISO_8859_1));
                socks.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 1, 1});
                assertThat(in.readNBytes(HELLO.length)).isEqualTo(HELLO);
                client.shutdownOutput();
                assertThat(receive(socks)).isEqualTo(expected(FIN));
                byte[] response = Streams.random(100_000, 2);
                Streams.sending(socks, response).join();
                assertThat(receive(client)).isEqualTo(expected(FIN, response));
            }
            Closed end = proxy.nextClosed();
            assertThat(end.ending()).as(end.toString()).isEqualTo(Ending.COMPLETED);
            assertThat(end.bytesUp()).isEqualTo(HELLO.length);
        }
    }

    @Test
    void shouldRefuseWhenTheSocks5ServerDoes() throws Exception {
        try (var proxy = TestProxy.start(
                        "'socks5_whitelist': ['a.test'], 'socks5': {'addr': '" + backend.target() + "'}");
                Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            try (Socket socks = backend.accept()) {
                socks.getInputStream().readNBytes(3);
                socks.getOutputStream().write(new byte[] {5, 0});
                socks.getInputStream().readNBytes(13);
                socks.getOutputStream().write(new byte[] {5, 2, 0, 1, 0, 0, 0, 0, 0, 0});
                assertThat(client.getInputStream().readAllBytes()).containsExactly(21, 3, 3, 0, 2, 2, 80);
            }
            client.shutdownOutput();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.UPSTREAM_FAILED);
        }
    }

    @Test
    void shouldTakeTargetsInTurnAndSetAFailedOneAside() throws Exception {
        String targets = "['" + backend.target() + "', '" + other.target() + "', '127.0.0.1:1']";
        try (var proxy = TestProxy.start(route(targets, ""))) {
            Map<String, Integer> chosen = new HashMap<>();
            for (int i = 0; i < 30; i++) {
                try (Socket client = proxy.connect()) {
                    client.getOutputStream().write(HELLO);
                    client.shutdownOutput();
                    Streams.async(() -> answerOnce(backend));
                    Streams.async(() -> answerOnce(other));
                    assertThat(client.getInputStream().readAllBytes()).containsExactly('k');
                }
                chosen.merge(proxy.nextClosed().target().orElseThrow(), 1, Integer::sum);
            }
            assertThat(chosen).containsOnlyKeys(backend.target(), other.target());
            assertThat(chosen.values()).allMatch(count -> count >= 10);
        }
    }

    @Test
    void shouldCountOnlyOpenConnectionsOfATarget() throws Exception {
        String targets = "['" + backend.target() + "', '" + other.target() + "']";
        try (var proxy = TestProxy.start(route(targets, ", 'balance': 'least_connections'"))) {
            assertThat(targetOfAnAnsweredClient(proxy)).isEqualTo(backend.target());
            try (Socket held = proxy.connect()) {
                held.getOutputStream().write(HELLO);
                other.accept();

                assertThat(targetOfAnAnsweredClient(proxy)).isEqualTo(backend.target());
                assertThat(targetOfAnAnsweredClient(proxy))
                        .as("it has none, the other one has one")
                        .isEqualTo(backend.target());
            }
        }
    }

    private String targetOfAnAnsweredClient(TestProxy proxy) throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            client.shutdownOutput();
            Streams.async(() -> answerOnce(backend));
            assertThat(client.getInputStream().readAllBytes()).containsExactly('k');
        }
        return proxy.nextClosed().target().orElseThrow();
    }

    /** Else a few clients that leave at the right moment could take a target away from all others. */
    @Test
    void shouldNotBlameATargetForClientsThatLeave() throws Exception {
        try (var slow = new BlackHole("127.0.0.1", 0);
                var proxy =
                        TestProxy.start(route("['127.0.0.1:" + slow.port() + "', '" + backend.target() + "']", ""))) {
            assertThat(targetOfAClientThatLeaves(proxy)).isEqualTo("127.0.0.1:" + slow.port());
            assertThat(targetOfAClientThatLeaves(proxy))
                    .as("it is the other's turn")
                    .isEqualTo(backend.target());
            assertThat(targetOfAClientThatLeaves(proxy)).isEqualTo("127.0.0.1:" + slow.port());
        }
    }

    @Test
    void shouldBlameATargetThatLetsTheDeadlinePass() throws Exception {
        try (var slow = new BlackHole("127.0.0.1", 0);
                var proxy = TestProxy.start(route("['127.0.0.1:" + slow.port() + "', '" + backend.target() + "']", "")
                        + ", 'timeouts': {'connect': '500ms'}")) {
            try (Socket client = proxy.connect()) {
                client.getOutputStream().write(HELLO);
                proxy.awaitTarget();
                assertThat(client.getInputStream().readAllBytes()).containsExactly(21, 3, 3, 0, 2, 2, 80);
            }
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CONNECT_TIMEOUT);
            assertThat(targetOfAClientThatLeaves(proxy)).isEqualTo(backend.target());
            assertThat(targetOfAClientThatLeaves(proxy))
                    .as("the other one rests")
                    .isEqualTo(backend.target());
        }
    }

    /** Where a client was being connected to, or was connected to, when it reset its connection. */
    private static String targetOfAClientThatLeaves(TestProxy proxy) throws Exception {
        Socket client = proxy.connect();
        client.getOutputStream().write(HELLO);
        proxy.awaitTarget();
        Streams.reset(client);
        return proxy.nextClosed().target().orElseThrow();
    }

    private static Void answerOnce(Backend backend) throws IOException {
        try (Socket upstream = backend.accept()) {
            upstream.getInputStream().readAllBytes();
            upstream.getOutputStream().write('k');
        }
        return null;
    }

    @Test
    void shouldSayWhoTheClientIsInVersion1() throws Exception {
        try (var proxy = TestProxy.start(route("'" + backend.target() + "'", ", 'send_proxy': 'v1'"));
                Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            String header = "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.getLocalPort() + " " + proxy.port() + "\r\n";
            try (Socket upstream = backend.accept()) {
                InputStream in = upstream.getInputStream();
                assertThat(new String(in.readNBytes(header.length()), StandardCharsets.US_ASCII))
                        .isEqualTo(header);
                assertThat(in.readNBytes(HELLO.length)).isEqualTo(HELLO);
            }
            client.shutdownOutput();
            assertThat(proxy.nextClosed().bytesUp()).as("without the header").isEqualTo(HELLO.length);
        }
    }

    @Test
    void shouldPassOnInVersion2WhatATrustedPeerSaysInVersion1() throws Exception {
        try (var proxy = TestProxy.start(route("'" + backend.target() + "'", ", 'send_proxy': 'v2'")
                        + ", 'accept_proxy': ['127.0.0.1']");
                Socket client = proxy.connect()) {
            var sent = new ByteArrayOutputStream();
            sent.write("PROXY TCP6 2001:db8::7 2001:db8::8 40000 443\r\n".getBytes(StandardCharsets.US_ASCII));
            sent.write(HELLO);
            client.getOutputStream().write(sent.toByteArray());
            try (Socket upstream = backend.accept()) {
                InputStream in = upstream.getInputStream();
                byte[] header = in.readNBytes(16 + 36);
                assertThat(header).startsWith("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(ByteBuffer.wrap(header, 12, 4).getInt()).isEqualTo(0x21210024);
                assertThat(header[31]).as("last byte of 2001:db8::7").isEqualTo((byte) 7);
                assertThat(header[47]).as("last byte of 2001:db8::8").isEqualTo((byte) 8);
                assertThat(ByteBuffer.wrap(header, 48, 4).getInt())
                        .as("both ports")
                        .isEqualTo(40_000 << 16 | 443);
                assertThat(in.readNBytes(HELLO.length)).isEqualTo(HELLO);
            }
            client.shutdownOutput();
            assertThat(proxy.nextClosed().client().getPort()).isEqualTo(40_000);
        }
    }

    /** A PROXY protocol header of version 2: what follows the signature and the version, and the client it names. */
    private record Header(String what, byte[] afterSignature, String client) {}

    private static Stream<Header> version2() {
        byte[] tcp4 = {0x21, 0x11, 0, 12, (byte) 192, 0, 2, 7, (byte) 192, 0, 2, 8, 0x12, 0x34, 1, (byte) 0xbb};
        byte[] tcp6 = new byte[4 + 36 + 7];
        tcp6[0] = 0x21;
        tcp6[1] = 0x21;
        tcp6[3] = 36 + 7;
        System.arraycopy(InetAddress.ofLiteral("2001:db8::7").getAddress(), 0, tcp6, 4, 16);
        tcp6[36] = 0x12;
        tcp6[37] = 0x34;
        tcp6[40] = 2; // An extension: PP2_TYPE_AUTHORITY, "evil".
        tcp6[42] = 4;
        System.arraycopy("evil".getBytes(StandardCharsets.US_ASCII), 0, tcp6, 43, 4);
        return Stream.of(
                new Header("TCP over IPv4", tcp4, "/192.0.2.7:4660"),
                new Header("TCP over IPv6 with an extension", tcp6, "/[2001:db8:0:0:0:0:0:7]:4660"),
                new Header("LOCAL, a health check of the peer's own", new byte[] {0x20, 0, 0, 0}, ""));
    }

    @ParameterizedTest
    @MethodSource("version2")
    void shouldTakeTheClientFromVersion2ByteByByte(Header header) throws Exception {
        try (var proxy = TestProxy.start(route("'" + backend.target() + "'", "") + ", 'accept_proxy': ['127.0.0.1']");
                Socket client = proxy.connect()) {
            var sent = new ByteArrayOutputStream();
            sent.write("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII));
            sent.write(header.afterSignature);
            for (byte b : sent.toByteArray()) {
                client.getOutputStream().write(b);
            }
            client.getOutputStream().write(HELLO);
            client.shutdownOutput();
            try (Socket upstream = backend.accept()) {
                assertThat(receive(upstream)).isEqualTo(expected(FIN, HELLO));
            }
            String itself = "/127.0.0.1:" + client.getLocalPort();
            assertThat(receive(client)).isEqualTo(expected(FIN));
            assertThat(proxy.nextClosed().client()).hasToString(header.client.isEmpty() ? itself : header.client);
        }
    }

    @Test
    void shouldRefuseATrustedPeerThatSaysNothingAboutTheClient() throws Exception {
        try (var proxy =
                        TestProxy.start(route("'" + backend.target() + "'", "") + ", 'accept_proxy': ['127.0.0.0/8']");
                Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            assertThat(receive(client).bytes()).isZero();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.PROXY_HEADER_INVALID);
        }
    }

    @Test
    void shouldCheckTheClientAndNotTheTrustedPeer() throws Exception {
        for (String source : List.of("192.0.2.1", "192.0.2.2")) {
            try (var proxy = TestProxy.start(route("'" + backend.target() + "'", "")
                            + ", 'accept_proxy': ['127.0.0.1'], 'ip_whitelist': ['192.0.2.1']");
                    Socket client = proxy.connect()) {
                client.getOutputStream()
                        .write(("PROXY TCP4 " + source + " 127.0.0.1 1000 443\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().write(HELLO);
                if (source.equals("192.0.2.1")) {
                    backend.accept().close();
                } else {
                    assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.SOURCE_DENIED);
                }
            }
        }
    }
}
