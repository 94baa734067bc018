package net.sniproxy.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.config.DnsConfig.Family;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the resolver does when it cannot ask, or must not ask any more. */
class ResolverTest {
    private static final int MOST_PENDING = 1024;

    private final Transport transport = Transport.best();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
    private final EventLoop loop = (EventLoop) loops.next();

    private final Resolver.Caches caches = Resolver.Caches.inMemory(config(), 100);

    @AfterEach
    void stop() {
        loops.shutdownGracefully();
    }

    private static DnsConfig config(InetSocketAddress... servers) {
        return config(Family.IPV4_ONLY, servers);
    }

    private static DnsConfig config(Family family, InetSocketAddress... servers) {
        var minute = Duration.ofMinutes(1);
        return new DnsConfig(List.of(servers), family, Duration.ZERO, minute, minute, Duration.ZERO, false);
    }

    private Resolver resolver(DnsConfig config, Path resolvConf) {
        return new Resolver(loop, transport, config, caches, resolvConf);
    }

    /** What the resolver has said about a name so far. */
    private static final class Said implements Resolver.Answer {
        private final List<InetAddress> addresses = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();

        @Override
        public void addresses(List<InetAddress> found) {
            addresses.addAll(found);
        }

        @Override
        public void complete(String failure) {
            failures.add(failure);
        }
    }

    private Said ask(Resolver resolver, String name) throws Exception {
        return loop.submit(() -> askOnLoop(resolver, name)).get();
    }

    private static Said askOnLoop(Resolver resolver, String name) {
        var said = new Said();
        resolver.resolve(name, said);
        return said;
    }

    @Test
    void shouldTurnNamesAwayWhenTooManyAreBeingResolved() throws Exception {
        try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var resolver = resolver(config((InetSocketAddress) silent.getLocalSocketAddress()), Path.of("/none"))) {
            // In one task of the loop, so that no question is given up before the last one is asked.
            List<List<String>> failures = loop.submit(() -> IntStream.rangeClosed(0, MOST_PENDING)
                            .mapToObj(i -> List.copyOf(askOnLoop(resolver, "name" + i + ".test").failures))
                            .toList())
                    .get();
            assertThat(failures.subList(0, MOST_PENDING)).allMatch(List::isEmpty);
            assertThat(failures.getLast()).containsExactly("too many names are being resolved");

            caches.v4().store("known.test", List.of(InetAddress.ofLiteral("192.0.2.1")), 60);
            Said known = ask(resolver, "known.test");
            assertThat(known.addresses).as("need not be asked for").containsExactly(InetAddress.ofLiteral("192.0.2.1"));
            assertThat(known.failures).containsExactly("");
        }
    }

    @Test
    void shouldUseTheFamiliesThatAreConfiguredInTheirOrder() throws Exception {
        InetAddress v4 = InetAddress.ofLiteral("192.0.2.1");
        InetAddress v6 = InetAddress.ofLiteral("2001:db8::1");
        caches.v4().store("both.test", List.of(v4), 60);
        caches.v6().store("both.test", List.of(v6), 60);
        var nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
        Map<Family, List<InetAddress>> expected = Map.of(
                Family.IPV4_FIRST, List.of(v4, v6),
                Family.IPV6_FIRST, List.of(v6, v4),
                Family.IPV4_ONLY, List.of(v4),
                Family.IPV6_ONLY, List.of(v6));
        for (Family family : Family.values()) {
            try (var resolver = resolver(config(family, nobody), Path.of("/none"))) {
                assertThat(ask(resolver, "both.test").addresses)
                        .as(family.toString())
                        .isEqualTo(expected.get(family));
            }
        }
    }

    @Test
    void shouldAskNobodyWhereTheSystemHasNoNameServer(@TempDir Path folder) throws Exception {
        List<Path> withoutServer = List.of(
                folder.resolve("missing"),
                Files.writeString(folder.resolve("empty"), "# nameserver 192.0.2.1\noptions ndots:1\n"));
        for (Path resolvConf : withoutServer) {
            try (var resolver = resolver(config(), resolvConf)) {
                Said said = ask(resolver, "www.example.com");
                assertThat(said.addresses).isEmpty();
                assertThat(said.failures)
                        .containsExactly("no name server is known: /etc/resolv.conf names none; set dns.servers");
                Said local = ask(resolver, "localhost");
                assertThat(local.addresses).as("from the hosts file").isNotEmpty();
                assertThat(local.failures).containsExactly("");
            }
        }
    }

    @Test
    void shouldKnowTheSystemsNameServers(@TempDir Path folder) throws IOException {
        Path resolvConf = Files.writeString(folder.resolve("resolv.conf"), "search test\n nameserver\t192.0.2.1\n");
        assertThat(SystemNameServers.find(resolvConf)).isPresent();
    }
}
