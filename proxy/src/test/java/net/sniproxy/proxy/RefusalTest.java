package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client hears when it is turned away, and that it really hears it. */
class RefusalTest {
    private static final int UNRECOGNIZED_NAME = 112;
    private static final int DECODE_ERROR = 50;
    private static final int INTERNAL_ERROR = 80;

    private static byte[] alert(int description) {
        return new byte[] {21, 3, 3, 0, 2, 2, (byte) description};
    }

    private record Case(String what, String config, byte[] sent, byte[] heard, Ending ending) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Stream<Case> cases() {
        byte[] truncated = {22, 3, 1, 0, 5, 1, 0, 0, 1, 9};
        return Stream.of(
                new Case("no route", "", Hellos.of("other.test"), alert(UNRECOGNIZED_NAME), Ending.NO_ROUTE),
                new Case("no name", "", Hellos.of(""), alert(UNRECOGNIZED_NAME), Ending.NO_NAME),
                new Case("malformed hello", "", truncated, alert(DECODE_ERROR), Ending.HELLO_INVALID),
                new Case("garbage", "", new byte[] {0, 1, 2, 3}, new byte[0], Ending.NOT_TLS),
                new Case(
                        "nobody listens",
                        target("127.0.0.1:1"),
                        Hellos.of("a.test"),
                        alert(INTERNAL_ERROR),
                        Ending.UPSTREAM_FAILED),
                new Case(
                        "private",
                        "'whitelist': ['localhost']",
                        Hellos.of("localhost"),
                        alert(INTERNAL_ERROR),
                        Ending.UPSTREAM_DENIED),
                new Case(
                        "no socket",
                        target("unix:/nowhere/at/all"),
                        Hellos.of("a.test"),
                        alert(INTERNAL_ERROR),
                        Ending.UPSTREAM_FAILED));
    }

    private static String target(String target) {
        return "'routes': [{'match': 'a.test', 'upstream': '" + target + "'}]";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldSendTheRightAlert(Case c) throws Exception {
        try (var proxy = TestProxy.start(c.config.isEmpty() ? target("127.0.0.1:1") : c.config);
                Socket client = proxy.connect()) {
            client.getOutputStream().write(c.sent);
            assertThat(receive(client)).isEqualTo(expected(FIN, c.heard));
            client.shutdownOutput();
            Closed end = proxy.nextClosed();
            assertThat(end.ending()).as(end.toString()).isEqualTo(c.ending);
            assertThat(end.bytesUp() + end.bytesDown()).isZero();
        }
    }

    @Test
    void shouldDeliverTheHttpAnswerAlthoughMoreIsSentThanRead() throws Exception {
        try (var proxy = TestProxy.start(target("127.0.0.1:1"));
                Socket client = proxy.connect()) {
            byte[] request = ("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 300000\r\n\r\n" + "x".repeat(300_000))
                    .getBytes(StandardCharsets.US_ASCII);
            client.getOutputStream().write(request);
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 400 ").endsWith("this port speaks TLS\n");
            client.shutdownOutput();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.PLAIN_HTTP);
        }
    }

    @Test
    void shouldKeepOneDeadlineForTheWholeHello() throws Exception {
        byte[] hello = Hellos.of("a.test");
        try (var proxy = TestProxy.start(target("127.0.0.1:1") + ", 'timeouts': {'hello': '400ms'}")) {
            long start = System.nanoTime(); // Before the proxy can begin to count.
            try (Socket client = proxy.connect()) {
                var dripping = Streams.async(() -> {
                    for (int i = 0; i < hello.length - 1; i++) {
                        client.getOutputStream().write(hello[i]);
                        Thread.sleep(50);
                    }
                    return null;
                });
                assertThat(receive(client)).isEqualTo(expected(FIN, alert(DECODE_ERROR)));
                assertThat(dripping).as("still dripping").isNotDone();
                assertThat(System.nanoTime() - start).isGreaterThan(300_000_000L);
                client.shutdownOutput();
                assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.HELLO_TIMEOUT);
            }
        }
    }

    @Test
    void shouldCloseSourcesThatAreNotAllowed() throws Exception {
        try (var proxy = TestProxy.start(target("127.0.0.1:1") + ", 'ip_whitelist': ['192.0.2.1']");
                Socket client = proxy.connect()) {
            assertThat(receive(client).bytes()).isZero();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.SOURCE_DENIED);
        }
    }

    @Test
    void shouldAcceptAgainWhenAConnectionUnderTheLimitEnds() throws Exception {
        try (var proxy =
                TestProxy.start(target("127.0.0.1:1") + ", 'max_connections': 1, 'timeouts': {'hello': '1m'}")) {
            try (Socket first = proxy.connect()) {
                first.getOutputStream().write(22);
                Eventually.holds(() -> assertThat(proxy.proxy().connections()).isEqualTo(1));
                try (Socket second = proxy.connect()) {
                    assertThat(receive(second).bytes()).isZero();
                    assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.TOO_MANY_CONNECTIONS);
                }
            }
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CLIENT_LEFT);
            try (Socket third = proxy.connect()) {
                third.getOutputStream().write(Hellos.of("other.test"));
                assertThat(receive(third)).isEqualTo(expected(FIN, alert(UNRECOGNIZED_NAME)));
            }
        }
    }

    @Test
    void shouldCloseWhatComesFasterThanASourceMay() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (var proxy = TestProxy.start(target("127.0.0.1:1") + ", 'limits': {'connections_per_second_per_ip': 1}")) {
            // So many that some come within a second of each other, however slow the machine is.
            for (int i = 0; i < 20; i++) {
                crowd.add(proxy.connect());
            }
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.RATE_LIMITED);
        } finally {
            for (Socket client : crowd) {
                client.close();
            }
        }
    }

    @Test
    void shouldForgetAClientThatLeavesWhileItsUpstreamIsDialled() throws Exception {
        try (var blackHole = new BlackHole("127.0.0.1", 0);
                var proxy = TestProxy.start(target("127.0.0.1:" + blackHole.port()));
                Socket client = proxy.connect()) {
            client.getOutputStream().write(Hellos.of("a.test"));
            proxy.awaitTarget();
            Streams.reset(client);
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CLIENT_LEFT);
        }
    }

    @Test
    void shouldGiveUpAnUpstreamThatDoesNotAnswer() throws Exception {
        try (var blackHole = new BlackHole("127.0.0.1", 0);
                var proxy = TestProxy.start(
                        target("127.0.0.1:" + blackHole.port()) + ", 'timeouts': {'connect': '300ms'}");
                Socket client = proxy.connect()) {
            client.getOutputStream().write(Hellos.of("a.test"));
            assertThat(receive(client)).isEqualTo(expected(FIN, alert(INTERNAL_ERROR)));
            client.shutdownOutput();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CONNECT_TIMEOUT);
        }
    }

    @Test
    void shouldRefuseARouteToItself() throws Exception {
        try (var proxy = TestProxy.start(target("127.0.0.1:1"))) {
            proxy.reload(target("127.0.0.1:" + proxy.port()));
            try (Socket client = proxy.connect()) {
                client.getOutputStream().write(Hellos.of("a.test"));
                assertThat(receive(client)).isEqualTo(expected(FIN, alert(INTERNAL_ERROR)));
            }
            Closed end = proxy.nextClosed();
            assertThat(end.ending()).isEqualTo(Ending.UPSTREAM_DENIED);
            assertThat(end.detail()).contains("this proxy");
        }
    }
}
