package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.peers.ScriptedDns;
import net.sniproxy.e2e.peers.ScriptedDns.Reply;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.BlackHole;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Peer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Upstreams that cannot be resolved or reached. Every name is looked up at a DNS server that the test scripts. */
class UpstreamAbuseTest {
    private static final int INTERNAL_ERROR = 80;
    private static final String UP = "127.0.0.1";
    private static final String DOWN = "127.0.0.3";
    private static final String SWALLOWING = "127.0.0.4";

    @AutoClose
    private static ScriptedDns dns;

    @AutoClose
    private static BackEnd backEnd;

    @AutoClose
    private static BlackHole blackHole;

    @AutoClose
    private static ProxyProcess proxy;

    /** Gives upstreams less time to answer, for who waits for its end. */
    @AutoClose
    private static ProxyProcess impatient;

    @BeforeAll
    static void start() {
        dns = ScriptedDns.start();
        backEnd = BackEnd.start(InetAddress.ofLiteral(UP));
        blackHole = BlackHole.at(InetAddress.ofLiteral(SWALLOWING), backEnd.port());
        ProxyConfig config = config().set("dns.negative_ttl", "30s").set("dns.min_ttl", "0s");
        config.route("loop.other.test", "*:" + config.address().getPort());
        proxy = ProxyProcess.start(Site.loopback(), config);
        impatient = ProxyProcess.start(Site.loopback(), config().set("timeouts.connect", "5s"));
    }

    private static ProxyConfig config() {
        return ProxyConfig.on(InetAddress.ofLiteral("127.0.0.1"))
                .route("*.site.test", "*:" + backEnd.port())
                .set("dns.servers", List.of(dns.url()));
    }

    @Test
    @DisplayName("14: upstream refuses: alert 80")
    void shouldSayWhenTheUpstreamRefuses() {
        dns.address("refused.site.test", DOWN);
        assertFails("refused.site.test", "upstream_failed");
    }

    @Test
    @DisplayName("14: SYN black hole: connect deadline, alert 80")
    void shouldEndTheWaitForABlackHole() {
        dns.address("hole.site.test", SWALLOWING);
        assertFails(impatient, "hole.site.test", "connect_timeout");
    }

    @Test
    @DisplayName("14: first address refuses: next address")
    void shouldTryTheNextAddressAfterARefusal() {
        dns.reply("second.site.test", new Reply.Addresses(60, List.of(DOWN, UP)));
        assertRouted("second.site.test");
    }

    @Test
    @DisplayName("14: first address is a black hole: next address before the deadline")
    void shouldTryTheNextAddressBesideABlackHole() {
        dns.reply("beside.site.test", new Reply.Addresses(60, List.of(SWALLOWING, UP)));
        assertRouted("beside.site.test");
    }

    @Test
    @DisplayName(
            "14: 300 clients wait for a black hole: all get an alert, nothing is left, others are served meanwhile")
    void shouldBoundPendingDials() {
        dns.address("crowd.site.test", SWALLOWING).address("served.site.test", UP);
        assertCrowdEndsWhileOthersAreServed(impatient, "crowd.site.test");
    }

    @Test
    @DisplayName("15: DNS timeout: alert 80, others are served meanwhile, nothing is left")
    void shouldEndTheWaitForASilentServer() {
        dns.reply("silent.site.test", new Reply.Silence()).address("served.site.test", UP);
        assertCrowdEndsWhileOthersAreServed(proxy, "silent.site.test");
    }

    private static void assertCrowdEndsWhileOthersAreServed(ProxyProcess through, String name) {
        // Looked up now, so that afterwards nothing but the crowd can keep the others waiting.
        assertRouted(through, "served.site.test");
        int before = through.proc().sockets();
        List<Peer> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                crowd.add(Peer.connect(through.address()).send(Hello.of(name).bytes()));
            }
            assertRouted(through, "served.site.test");
            for (Peer peer : crowd) {
                assertThat(peer.answer().alert()).contains(INTERNAL_ERROR);
            }
        } finally {
            crowd.forEach(Peer::close);
        }
        Await.until("sockets of the proxy", Duration.ofSeconds(15), through.proc()::sockets, now -> now <= before);
    }

    @Test
    @DisplayName("15: SERVFAIL: alert 80")
    void shouldFailOnServfail() {
        dns.reply("servfail.site.test", new Reply.Code(2));
        assertFails("servfail.site.test", "unresolved");
    }

    @Test
    @DisplayName("15: NXDOMAIN: alert 80, remembered")
    void shouldRememberThatANameDoesNotExist() {
        assertFails("nobody.site.test", "unresolved");
        int asked = dns.asked("nobody.site.test");
        assertThat(asked).isPositive();
        assertFails("nobody.site.test", "unresolved");
        assertThat(dns.asked("nobody.site.test")).isEqualTo(asked);
    }

    @Test
    @DisplayName("15: answer with the wrong id: not taken")
    void shouldIgnoreAnswersWithTheWrongId() {
        dns.reply("id.site.test", new Reply.WrongId(UP));
        assertFails("id.site.test", "unresolved");
    }

    @Test
    @DisplayName("15: answer from the wrong port: not taken")
    void shouldIgnoreAnswersFromTheWrongPort() {
        dns.reply("port.site.test", new Reply.WrongPort(UP));
        assertFails("port.site.test", "unresolved");
    }

    @Test
    @DisplayName("15: CNAME loop: alert 80")
    void shouldLeaveAnAliasLoop() {
        dns.reply("here.site.test", new Reply.Alias("there.site.test"))
                .reply("there.site.test", new Reply.Alias("here.site.test"));
        assertFails("here.site.test", "unresolved");
    }

    @Test
    @DisplayName("15: an answer that is this proxy: refused")
    void shouldNotConnectToItself() {
        dns.address("loop.other.test", "127.0.0.1");
        assertFails("loop.other.test", "upstream_denied");
    }

    @Test
    @DisplayName("15: an answer that is private: refused when deny_private_upstreams is on")
    void shouldRefusePrivateAnswers() {
        int dialled = backEnd.accepted();
        try (ProxyProcess strict = ProxyProcess.start(Site.loopback(), config().set("deny_private_upstreams", true))) {
            for (String address : List.of(UP, "10.0.0.1", "192.168.1.1", "169.254.169.254", "172.16.0.1", "0.0.0.0")) {
                String name = "a" + address.replace('.', '-') + ".site.test";
                dns.address(name, address);
                assertFails(strict, name, "upstream_denied");
            }
        }
        assertThat(backEnd.accepted()).isEqualTo(dialled);
    }

    @Test
    @DisplayName("15: answers are kept for their time to live, and no longer")
    void shouldHonourTimeToLive() {
        dns.reply("short.site.test", new Reply.Addresses(1, List.of(UP))).address("long.site.test", UP);
        assertRouted("long.site.test");
        assertRouted("long.site.test");
        assertThat(dns.asked("long.site.test")).isOne();
        assertRouted("short.site.test");
        int asked = dns.asked("short.site.test");
        Await.pause(Duration.ofMillis(1500));
        assertRouted("short.site.test");
        assertThat(dns.asked("short.site.test")).isGreaterThan(asked);
    }

    private static void assertRouted(String name) {
        assertRouted(proxy, name);
    }

    private static void assertRouted(ProxyProcess through, String name) {
        byte[] hello = Hello.of(name).bytes();
        try (Peer client = Peer.connect(through.address()).send(hello);
                Peer server = backEnd.accept()) {
            assertThat(server.read(hello.length)).isEqualTo(hello);
            server.send(hello);
            assertThat(client.read(hello.length)).isEqualTo(hello);
        }
    }

    private static void assertFails(String name, String end) {
        assertFails(proxy, name, end);
    }

    private static void assertFails(ProxyProcess through, String name, String end) {
        Peer client = Peer.connect(through.address());
        try (client) {
            Answer answer = client.send(Hello.of(name).bytes()).answer();
            assertThat(answer.alert()).as(answer.toString()).contains(INTERNAL_ERROR);
            assertThat(answer.ending()).isEqualTo(Ending.FIN);
        }
        // The proxy counts a connection when its client has closed too.
        assertThat(through.awaitEnd(client).end()).isEqualTo(end);
    }
}
