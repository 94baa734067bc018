package net.sniproxy.proxy;

import static net.sniproxy.proxy.DnsServer.NXDOMAIN;
import static net.sniproxy.proxy.DnsServer.SERVFAIL;
import static net.sniproxy.proxy.DnsServer.addresses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.proxy.DnsServer.Reply;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections to names, with a name server that does everything a name server can do wrong. */
class NameResolutionTest {
    private static final Map<String, Reply> ZONE = Map.ofEntries(
            Map.entry("good.test", addresses(60, "127.0.0.1")),
            Map.entry("fleeting.test", addresses(0, "127.0.0.1")),
            Map.entry("brief.test", addresses(1, "127.0.0.1")),
            Map.entry("alias.test", new Reply.Alias("good.test")),
            Map.entry("empty.test", addresses(60)),
            Map.entry("loop.test", new Reply.Alias("loop2.test")),
            Map.entry("loop2.test", new Reply.Alias("loop.test")),
            Map.entry("broken.test", new Reply.Error(SERVFAIL)),
            Map.entry("forged.test", new Reply.WrongId("127.0.0.1")),
            Map.entry("silent.test", new Reply.Silence()),
            Map.entry("crowd.test", addresses(60, crowd(60))),
            Map.entry("dead-first.test", addresses(60, "127.0.0.3", "127.0.0.1")),
            Map.entry("slow-first.test", addresses(60, "127.0.0.2", "127.0.0.1")));

    /** Addresses at which nobody listens. */
    private static String[] crowd(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "127.1.1." + i).toArray(String[]::new);
    }

    private Backend backend;
    private DnsServer dns;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        dns = new DnsServer(name -> ZONE.getOrDefault(name, new Reply.Error(NXDOMAIN)));
        proxy = TestProxy.start(config(false));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        dns.close();
        backend.close();
    }

    private String config(boolean denyPrivate) {
        return config(denyPrivate, dns);
    }

    private String config(boolean denyPrivate, DnsServer asked) {
        return "'routes': [{'match': '*.test', 'upstream': '*:" + backend.port() + "'}], 'deny_private_upstreams': "
                + denyPrivate + ", 'timeouts': {'connect': '1m'}, " + asked.config();
    }

    private void assertReaches(String name) throws IOException {
        byte[] hello = Hellos.of(name);
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(hello);
            try (Socket upstream = backend.accept()) {
                assertThat(upstream.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
            }
        }
    }

    private Closed failing(String name) throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(Hellos.of(name));
            assertThat(client.getInputStream().readAllBytes()).containsExactly(21, 3, 3, 0, 2, 2, 80);
        }
        return proxy.nextClosed();
    }

    @Test
    void shouldAskOnceForANameWhileItsAddressLives() throws Exception {
        assertReaches("good.test");
        assertReaches("good.test");
        assertThat(dns.queries("good.test")).isEqualTo(1);
    }

    @Test
    void shouldAskEachTimeForANameThatMayNotBeKept() throws Exception {
        assertReaches("fleeting.test");
        assertReaches("fleeting.test");
        assertThat(dns.queries("fleeting.test")).isEqualTo(2);
    }

    @Test
    void shouldAskAgainWhenTheAddressHasExpired() throws Exception {
        assertReaches("brief.test");
        Thread.sleep(1_100); // The time to live is what is tested.
        assertReaches("brief.test");
        assertThat(dns.queries("brief.test")).isEqualTo(2);
    }

    @Test
    void shouldFollowAnAlias() throws Exception {
        assertReaches("alias.test");
    }

    private record Failure(String name, Ending ending) {}

    private static Stream<Failure> failures() {
        return Stream.of(
                new Failure("no-such-name.test", Ending.UNRESOLVED),
                new Failure("empty.test", Ending.UNRESOLVED),
                new Failure("broken.test", Ending.UNRESOLVED),
                new Failure("loop.test", Ending.UNRESOLVED),
                new Failure("forged.test", Ending.UNRESOLVED),
                new Failure("silent.test", Ending.UNRESOLVED));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldRefuseWithAReason(Failure failure) throws Exception {
        Closed end = failing(failure.name);
        assertThat(end.ending()).as(end.toString()).isEqualTo(failure.ending);
        assertThat(end.detail()).contains(failure.name);
        assertThat(dns.queries(failure.name)).isBetween(1, 20);
    }

    @Test
    void shouldRememberThatANameDoesNotExist() throws Exception {
        failing("no-such-name.test");
        failing("no-such-name.test");
        assertThat(dns.queries("no-such-name.test")).isEqualTo(1);
    }

    @Test
    void shouldRefuseNamesOfPrivateAddresses() throws Exception {
        proxy.reload(config(true));
        Closed end = failing("good.test");
        assertThat(end.ending()).isEqualTo(Ending.UPSTREAM_DENIED);
        assertThat(end.detail()).contains("127.0.0.1");
    }

    @Test
    void shouldAskTheNameServersOfTheNewConfiguration() throws Exception {
        assertReaches("good.test");
        try (var others = new DnsServer(name -> new Reply.Error(NXDOMAIN))) {
            proxy.reload(config(false, others));
            proxy.nextClosed(); // The one that was answered before.
            assertThat(failing("good.test").ending()).isEqualTo(Ending.UNRESOLVED);
            assertThat(others.queries("good.test")).isEqualTo(1);
        }
    }

    @Test
    void shouldGoOnWithTheNextAddressWhenOneRefuses() throws Exception {
        assertReaches("dead-first.test");
    }

    @Test
    void shouldTryOnlySomeOfVeryManyAddresses() throws Exception {
        Closed end = failing("crowd.test");
        assertThat(end.ending()).isEqualTo(Ending.UPSTREAM_FAILED);
        assertThat(end.detail()).as("the last one tried").contains("127.1.1.16:");
    }

    @Test
    void shouldNotWaitForAnAddressThatDoesNotAnswer() throws Exception {
        try (var blackHole = new BlackHole("127.0.0.2", backend.port())) {
            assertThat(blackHole.port()).isEqualTo(backend.port());
            assertReaches("slow-first.test");
            Closed end = proxy.nextClosed();
            assertThat(end.upstream().orElseThrow()).hasToString("slow-first.test/127.0.0.1:" + backend.port());
        }
    }
}
