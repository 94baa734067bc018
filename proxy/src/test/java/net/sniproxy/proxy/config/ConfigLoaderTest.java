package net.sniproxy.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.ProxyVersion;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.filter.Cidr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "two-lists", "addresses", "tracking", "ebpf"})
    void shouldAcceptFilesOfTheOriginalAsTheyAre(String name) throws ConfigException {
        assertThat(Samples.original(name).listenAddr()).hasSize(1);
    }

    @Test
    void shouldTakeNullForAbsentAsTheOriginalDoes() throws ConfigException {
        Config config = Samples.original("minimal");

        assertThat(config.socks5())
                .contains(new Socks5Config(new Target.HostPort("127.0.0.1", 1080), Optional.empty()));
        assertThat(Samples.original("addresses").socks5()).isEmpty();
    }

    @Test
    void shouldReadTheListsOfTheOriginal() throws ConfigException {
        Config config = Samples.original("two-lists");

        assertThat(config.whitelist())
                .containsExactly(new NamePattern.Exact("www.example.com"), new NamePattern.Below("example.net"));
        assertThat(config.socks5Whitelist())
                .containsExactly(new NamePattern.Below("example.org"), new NamePattern.Exact("chat.example.org"));
        assertThat(config.socks5().orElseThrow().credentials())
                .contains(new Socks5Config.Credentials("alice", "s3cret, with comma"));
    }

    @Test
    void shouldReadTheAddressesOfTheOriginal() throws ConfigException {
        Config config = Samples.original("addresses");

        assertThat(config.ipWhitelist().stream().map(Cidr::toString))
                .containsExactly(
                        "127.0.0.1/32",
                        "127.0.0.0/8",
                        "192.168.1.0/24",
                        "10.0.0.0/8",
                        "::1/128",
                        "fe80::/10",
                        "2001:db8::/32",
                        "0.0.0.0/0",
                        "::/0");
        assertThat(config.limits().connections()).hasValue(10_000);
    }

    @Test
    void shouldReadTheKernelSectionsOfTheOriginal() throws ConfigException {
        EbpfConfig ebpf = Samples.original("ebpf").ebpf();

        assertThat(ebpf.enabled()).isEqualTo(EbpfConfig.Enabled.TRUE);
        assertThat(ebpf.sockmap())
                .isEqualTo(new EbpfConfig.Sockmap(true, 1_000_000, Optional.empty(), 4 << 20, 256 << 20));
        assertThat(ebpf.dnsCache()).isEqualTo(new EbpfConfig.DnsCache(true, 1000, Optional.empty()));
        assertThat(ebpf.stats()).isEqualTo(new EbpfConfig.Stats(false));
    }

    @Test
    void shouldWriteNamesOfOtherScriptsAsALabels() throws ConfigException {
        assertThat(Samples.original("ebpf").whitelist()).contains(new NamePattern.Exact("xn--bcher-kva.example"));
    }

    @Test
    void shouldHaveTheDocumentedDefaults() throws ConfigException {
        Config config = ConfigLoader.parse(Samples.with(""));

        assertThat(config.ipWhitelist()).isEmpty();
        assertThat(config.noSni()).isEqualTo(new Fallback.Reject());
        assertThat(config.noMatch()).isEqualTo(new Fallback.Reject());
        assertThat(config.timeouts())
                .isEqualTo(new TimeoutsConfig(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(30)));
        assertThat(config.limits())
                .isEqualTo(new LimitsConfig(65_536, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty()));
        assertThat(config.denyPrivateUpstreams()).isTrue();
        assertThat(config.log())
                .isEqualTo(new LogConfig(
                        LogConfig.Level.INFO,
                        LogConfig.Output.STDOUT,
                        Path.of("logs/sni-proxy.log"),
                        false,
                        100,
                        5,
                        true,
                        true,
                        true));
        assertThat(config.tracking().ipTraffic())
                .isEqualTo(new TrackingConfig.IpTraffic(false, 1000, Optional.empty(), Optional.empty()));
        assertThat(config.ebpf().enabled()).isEqualTo(EbpfConfig.Enabled.AUTO);
        assertThat(config.ebpf().sockmap().maxEntries()).isEqualTo(65_536);
        assertThat(config.ebpf().sockmap().limit()).isEqualTo(4 << 20);
        assertThat(config.ebpf().dnsCache().maxEntries()).isEqualTo(10_000);
        assertThat(config.ebpf().splice())
                .isEqualTo(new EbpfConfig.Splice(true, List.of(), 1_000_000, Path.of("/sys/fs/bpf/sni-proxy")));
        assertThat(config.ebpf().xdp().enabled()).isFalse();
        assertThat(config.ebpf().xdp().scope()).isEqualTo(EbpfConfig.Scope.PORTS);
        assertThat(config.metrics()).isEmpty();
        assertThat(config.accessLog()).isEmpty();
    }

    @Test
    void shouldReadEveryKey() throws ConfigException {
        Config config = Samples.full();

        assertThat(config.listenAddr())
                .containsExactly(new InetSocketAddress("0.0.0.0", 443), new InetSocketAddress("::", 443));
        assertThat(config.routes())
                .containsExactly(
                        new RouteConfig(
                                new NamePattern.Below("example.com"),
                                List.of("h2", "http/1.1"),
                                List.of(
                                        new Target.HostPort("10.0.0.1", 8443),
                                        new Target.HostPort("2001:db8:0:0:0:0:0:2", 443),
                                        new Target.Requested(443)),
                                Via.DIRECT,
                                Optional.of(ProxyVersion.V2),
                                Balance.LEAST_CONNECTIONS),
                        new RouteConfig(
                                new NamePattern.Regex("[a-z]+[0-9]{2}\\.example\\.net"),
                                List.of(),
                                List.of(new Target.Unix(Path.of("/run/backend.sock"))),
                                Via.DIRECT,
                                Optional.empty(),
                                Balance.ROUND_ROBIN),
                        new RouteConfig(
                                new NamePattern.Any(),
                                List.of(),
                                List.of(new Target.Requested(8443)),
                                Via.SOCKS5,
                                Optional.of(ProxyVersion.V1),
                                Balance.CLIENT_HASH));
        assertThat(config.dns())
                .isEqualTo(new DnsConfig(
                        List.of(new InetSocketAddress("192.0.2.53", 53), new InetSocketAddress("2001:db8::53", 5353)),
                        DnsConfig.Family.IPV6_FIRST,
                        Duration.ofSeconds(5),
                        Duration.ofHours(1),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(30),
                        true));
        assertThat(config.limits().helloBytes()).isEqualTo(128 * 1024);
        assertThat(config.metrics()).contains(new MetricsConfig(new InetSocketAddress("127.0.0.1", 9999), 5));
        assertThat(config.accessLog())
                .contains(new AccessLogConfig(AccessLogConfig.Format.JSON, Optional.of(Path.of("access.log"))));
    }

    @Test
    void shouldForwardARouteToTheRequestedNameUnlessItSaysOtherwise() throws ConfigException {
        assertThat(ConfigLoader.parse(Samples.with("\"routes\": [{\"match\": \"b.test\"}]"))
                        .routes())
                .singleElement()
                .satisfies(route -> assertThat(route.upstream()).containsExactly(new Target.Requested(443)));
    }

    @Test
    void shouldReadThePasswordFromAFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "from a file\n");
        Config config = ConfigLoader.parse(Samples.with(
                "\"socks5\": {\"addr\": \"a.test:1\", \"username\": \"u\", \"password_file\": \"" + file + "\"}"));

        assertThat(config.socks5().orElseThrow().credentials())
                .contains(new Socks5Config.Credentials("u", "from a file"));
    }

    @Test
    void shouldNotShowThePasswordInTexts() throws ConfigException {
        assertThat(Samples.full().toString()).contains("alice").doesNotContain("secret");
    }

    @Test
    void shouldReadFilesAndNameTheOneThatIsNotThere(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("c.json"), Samples.resource("full.json"));

        assertThat(ConfigLoader.load(file, Map.of())).isEqualTo(Samples.full());
        assertThatThrownBy(() -> ConfigLoader.load(directory.resolve("missing.json"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot be read (no such file)");
    }
}
