package net.sniproxy.proxy.config;

import static net.sniproxy.proxy.config.Samples.problems;
import static net.sniproxy.proxy.config.Samples.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverridesTest {
    private static Config parse(String json, Map<String, String> environment) throws ConfigException {
        return ConfigLoader.parse(json, environment);
    }

    @Test
    void shouldOverrideValuesOfEveryKind() throws ConfigException {
        Config config = parse(
                with("\"log\": {\"level\": \"info\"}"),
                Map.of(
                        "SNIPROXY_LOG__LEVEL", "debug",
                        "SNIPROXY_MAX_CONNECTIONS", "7",
                        "SNIPROXY_DENY_PRIVATE_UPSTREAMS", "false",
                        "SNIPROXY_EBPF__ENABLED", "false",
                        "SNIPROXY_LIMITS__HELLO_BYTES", "32K",
                        "SNIPROXY_EBPF__SPLICE__MAX_FLOWS", "99",
                        "SNIPROXY_LISTEN_ADDR", "[::1]:8443",
                        "SNIPROXY_SOCKS5__ADDR", "p.test:1080"));

        assertThat(config.log().level()).isEqualTo(LogConfig.Level.DEBUG);
        assertThat(config.limits().connections()).hasValue(7);
        assertThat(config.denyPrivateUpstreams()).isFalse();
        assertThat(config.ebpf().enabled()).isEqualTo(EbpfConfig.Enabled.FALSE);
        assertThat(config.limits().helloBytes()).isEqualTo(32 * 1024);
        assertThat(config.ebpf().splice().maxFlows()).isEqualTo(99);
        assertThat(config.listenAddr()).containsExactly(new InetSocketAddress("::1", 8443));
        assertThat(config.socks5().orElseThrow().addr()).isEqualTo(new Target.HostPort("p.test", 1080));
    }

    @Test
    void shouldTakeADigitsOnlyPasswordAsText() throws ConfigException {
        Config config = parse(
                with(""),
                Map.of(
                        "SNIPROXY_SOCKS5__ADDR", "p.test:1080",
                        "SNIPROXY_SOCKS5__USERNAME", "true",
                        "SNIPROXY_SOCKS5__PASSWORD", "12345"));

        assertThat(config.socks5().orElseThrow().credentials()).contains(new Socks5Config.Credentials("true", "12345"));
    }

    @Test
    void shouldTakeListsWithCommasAndInJson() throws ConfigException {
        Config config = parse(
                with(""),
                Map.of(
                        "SNIPROXY_WHITELIST", "a.test, *.b.test",
                        "SNIPROXY_LISTEN_ADDR", "127.0.0.1:1,127.0.0.1:2",
                        "SNIPROXY_IP_WHITELIST", "[\"10.0.0.0/8\"]",
                        "SNIPROXY_DNS", "{\"servers\": [\"udp://192.0.2.1\"]}"));

        assertThat(config.whitelist())
                .containsExactly(new NamePattern.Exact("a.test"), new NamePattern.Below("b.test"));
        assertThat(config.listenAddr()).hasSize(2);
        assertThat(config.ipWhitelist()).hasSize(1);
        assertThat(config.dns().servers()).containsExactly(new InetSocketAddress("192.0.2.1", 53));
    }

    @Test
    void shouldReachIntoListsByIndexAndAppend() throws ConfigException {
        Config config = parse(
                with("\"routes\": [{\"match\": \"a.test\", \"upstream\": \"*:1\"}]"),
                Map.of(
                        "SNIPROXY_ROUTES__0__UPSTREAM", "*:2",
                        "SNIPROXY_ROUTES__1__MATCH", "b.test",
                        "SNIPROXY_ROUTES__1__UPSTREAM__0", "*:3",
                        "SNIPROXY_ROUTES__1__UPSTREAM__1", "*:4",
                        "SNIPROXY_WHITELIST__1", "c.test"));

        assertThat(config.routes().stream().map(RouteConfig::upstream))
                .containsExactly(
                        List.of(new Target.Requested(2)), List.of(new Target.Requested(3), new Target.Requested(4)));
        assertThat(config.whitelist()).hasSize(2);
    }

    @Test
    void shouldRemoveAKeyWithTheEmptyText() throws ConfigException {
        assertThat(parse(with("\"max_connections\": 5"), Map.of("SNIPROXY_MAX_CONNECTIONS", ""))
                        .limits()
                        .connections())
                .isEmpty();
    }

    @Test
    void shouldNameTheVariableOfAWrongValue() {
        assertThat(problems(with(""), Map.of("SNIPROXY_LOG__LEVEL", "loud", "SNIPROXY_LOG__LEVLE", "info")))
                .satisfiesExactlyInAnyOrder(
                        p -> assertThat(p)
                                .startsWith("log.level (from SNIPROXY_LOG__LEVEL): found \"loud\", wanted one of"),
                        p -> assertThat(p).startsWith("log.levle (from SNIPROXY_LOG__LEVLE): unknown key"));
    }

    @Test
    void shouldRefuseGapsAndKeysInsideValues() {
        assertThat(problems(with(""), Map.of("SNIPROXY_WHITELIST__5", "c.test")))
                .containsExactly("SNIPROXY_WHITELIST__5: whitelist[5] would leave a gap: the list has 1");
        assertThat(problems(with(""), Map.of("SNIPROXY_LISTEN_ADDR__HOST__X", "c")))
                .containsExactly("SNIPROXY_LISTEN_ADDR__HOST__X: listen_addr has no keys of its own");
    }

    @Test
    void shouldLeaveTheVariablesOfOthersAlone() {
        assertThat(problems(
                        with(""),
                        Map.of(
                                "SNIPROXY_JAVA_OPTS", "-Xmx1g",
                                "SNIPROXY_SERVICE_HOST", "10.0.0.1",
                                "SNIPROXY_PORT_443_TCP_ADDR", "10.0.0.1",
                                "SNIPROXY_PORT", "tcp://10.0.0.1:443",
                                "PATH", "/bin")))
                .isEmpty();
    }
}
