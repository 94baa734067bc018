package net.sniproxy.proxy.config;

import static net.sniproxy.proxy.config.Samples.problems;
import static net.sniproxy.proxy.config.Samples.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigProblemsTest {
    /**
     * @param keys beside the least that is needed
     * @param problem how the only problem begins
     */
    record Wrong(String keys, String problem) {}

    static List<Wrong> wrong() {
        return List.of(
                new Wrong("\"whitelst\": []", "whitelst: unknown key; the nearest known one is \"whitelist\""),
                new Wrong(
                        "\"log\": {\"levle\": \"info\"}", "log.levle: unknown key; the nearest known one is \"level\""),
                new Wrong(
                        "\"log\": {\"level\": \"loud\"}", "log.level: found \"loud\", wanted one of off, error, warn"),
                new Wrong("\"log\": []", "log: found a list, wanted an object"),
                new Wrong("\"log\": {\"use_color\": \"yes\"}", "log.use_color: found \"yes\", wanted true or false"),
                new Wrong("\"max_connections\": 0", "max_connections: found 0, wanted a number from 1"),
                new Wrong("\"max_connections\": \"9\"", "max_connections: found \"9\", wanted a number from 1"),
                new Wrong("\"max_connections\": 1.5", "max_connections: found 1.5, wanted a number from 1"),
                new Wrong("\"max_connections\": 99999999999999999999", "max_connections: found 99999999999999999999"),
                new Wrong(
                        "\"ip_whitelist\": [\"10.0.0.0/33\"]", "ip_whitelist[0]: found \"10.0.0.0/33\", wanted an IP"),
                new Wrong("\"ip_whitelist\": [\"1.1.1.1\", \"\"]", "ip_whitelist[1]: found \"\", wanted an IP address"),
                new Wrong("\"ip_whitelist\": [\"10.1\"]", "ip_whitelist[0]: found \"10.1\", wanted an IP address"),
                new Wrong(
                        "\"ip_whitelist\": \"::1\"", "ip_whitelist: found \"::1\", wanted a list, each an IP address"),
                new Wrong("\"no_sni\": \"*:443\"", "no_sni: is *:443, but there is no requested name"),
                new Wrong("\"no_match\": \"host\"", "no_match: found \"host\", wanted reject, host:port"),
                new Wrong("\"timeouts\": {\"idle\": 10}", "timeouts.idle: found 10, wanted a duration from 1ms to 30d"),
                new Wrong("\"timeouts\": {\"idle\": \"10\"}", "timeouts.idle: found \"10\", wanted a duration"),
                new Wrong("\"timeouts\": {\"idle\": \"0s\"}", "timeouts.idle: found \"0s\", wanted a duration"),
                new Wrong("\"limits\": {\"hello_bytes\": \"1G\"}", "limits.hello_bytes: found \"1G\", wanted a size"),
                new Wrong("\"dns\": {\"servers\": [\"tls://1.1.1.1\"]}", "dns.servers[0]: found \"tls://1.1.1.1\""),
                new Wrong("\"dns\": {\"min_ttl\": \"2h\", \"max_ttl\": \"1h\"}", "dns.min_ttl: is longer than max_ttl"),
                new Wrong("\"socks5_whitelist\": [\"b.test\"]", "socks5_whitelist: needs the section socks5 with addr"),
                new Wrong("\"socks5\": {}", "socks5.addr: is missing"),
                new Wrong("\"socks5\": {\"addr\": \"a.test\"}", "socks5.addr: found \"a.test\", wanted host:port"),
                new Wrong(
                        "\"socks5\": {\"addr\": \"a.test:1\", \"username\": \"u\"}",
                        "socks5.password: is missing: username needs password or password_file"),
                new Wrong("\"socks5\": {\"addr\": \"a.test:1\", \"password\": \"p\"}", "socks5.username: is missing"),
                new Wrong(
                        "\"socks5\": {\"addr\": \"a.test:1\", \"username\": \"u\", \"password_file\": \"/no/such\"}",
                        "socks5.password_file: /no/such cannot be read (no such file)"),
                new Wrong("\"routes\": {}", "routes: found an object, wanted a list of objects"),
                new Wrong("\"routes\": [{\"upstream\": \"*:443\"}]", "routes[0].match: is missing"),
                new Wrong("\"routes\": [{\"match\": \"a.test\", \"upstream\": []}]", "routes[0].upstream: is empty"),
                new Wrong(
                        "\"routes\": [{\"match\": \"/(/\", \"upstream\": \"*:443\"}]",
                        "routes[0].match: found \"/(/\", wanted a name, *.name, /regex/ or * (not an RE2 expression"),
                new Wrong(
                        "\"routes\": [{\"match\": \"a.*\", \"upstream\": \"*:443\"}]",
                        "routes[0].match: found \"a.*\""),
                new Wrong(
                        "\"routes\": [{\"match\": \"a.test\", \"upstream\": \"::1:443\"}]",
                        "routes[0].upstream: found \"::1:443\", wanted host:port, [v6]:port, *:port or unix:/path"
                                + " (an IPv6 address needs brackets"),
                new Wrong(
                        "\"routes\": [{\"match\": \"a.test\", \"upstream\": \"b.test:443\", \"via\": \"socks5\"}]",
                        "routes[0].via: is socks5, which needs the section socks5"),
                new Wrong(
                        "\"routes\": [{\"match\": \"A.test\", \"upstream\": \"*:1\"},"
                                + "{\"match\": \"a.test\", \"upstream\": \"*:2\"}]",
                        "routes[1].match: has \"a.test\" as routes[0] has"),
                new Wrong(
                        "\"routes\": [{\"match\": \"a.test\", \"upstream\": \"*:1\", \"alpn\": [\"h2\", \"x\"]},"
                                + "{\"match\": \"a.test\", \"upstream\": \"*:2\", \"alpn\": [\"y\", \"h2\"]}]",
                        "routes[1].match: has \"a.test\" and the protocol h2 as routes[0] has"),
                new Wrong(
                        "\"ebpf\": {\"xdp\": {\"enabled\": true}}",
                        "ebpf.xdp.interfaces: is missing: the filter attaches only where it is told to"),
                new Wrong("\"ebpf\": {\"enabled\": \"yes\"}", "ebpf.enabled: found \"yes\", wanted true, false or"),
                new Wrong(
                        "\"ebpf\": {\"sockmap\": {\"enable\": true}}", "ebpf.sockmap.enable: unknown key; the nearest"),
                new Wrong(
                        "\"metrics\": {\"addr\": \"localhost:1\"}",
                        "metrics.addr: found \"localhost:1\", wanted an IP"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldSayWhereWhatWasFoundAndWhatIsWanted(Wrong wrong) {
        assertThat(problems(with(wrong.keys()))).singleElement().asString().startsWith(wrong.problem());
    }

    @Test
    void shouldReportEveryProblemAtOnce() {
        assertThat(problems("""
                        {"listen_addr": ["127.0.0.1:0", "nowhere"], "whitelist": ["a..b", "c.test.", 7], "colour": 1,
                         "timeouts": {"hello": "fast", "idel": "1s"}}"""))
                .satisfiesExactly(
                        p -> assertThat(p).startsWith("listen_addr[1]: found \"nowhere\", wanted an IP address and a"),
                        p -> assertThat(p)
                                .startsWith("whitelist[0]: found \"a..b\"")
                                .contains("empty label"),
                        p -> assertThat(p)
                                .startsWith("whitelist[1]: found \"c.test.\"")
                                .contains("ends with a dot"),
                        p -> assertThat(p).startsWith("whitelist[2]: found 7, wanted a name, *.name or *"),
                        p -> assertThat(p).startsWith("timeouts.hello: found \"fast\""),
                        p -> assertThat(p).isEqualTo("timeouts.idel: unknown key; the nearest known one is \"idle\""),
                        p -> assertThat(p).startsWith("colour: unknown key"));
    }

    @Test
    void shouldCutALongListOfProblemsShort() {
        String names = IntStream.range(0, 5000).mapToObj(_ -> "\"-.\"").collect(Collectors.joining(","));

        assertThat(problems("{\"listen_addr\": \"127.0.0.1:0\", \"whitelist\": [" + names + "]}"))
                .hasSize(101)
                .last()
                .isEqualTo("and 4900 problems more");
    }

    @Test
    void shouldSayWhereTextIsNoJson() {
        assertThat(problems("{\n  \"listen_addr\": \"127.0.0.1:1\",\n  \"whitelist\": [\"a.test\",]\n}"))
                .singleElement()
                .asString()
                .startsWith("line 3, column 26: no valid JSON: ");
    }

    @Test
    void shouldSayThatYamlIsNotMeant() {
        assertThat(problems("listen_addr: 0.0.0.0:443\nwhitelist:\n  - a.test\n"))
                .singleElement()
                .asString()
                .startsWith("line 1, column 1: no valid JSON: ")
                .endsWith("(a configuration is one JSON object, not YAML)");
    }

    @Test
    void shouldSayWhatIsWrongAndNothingOfItsParser() {
        assertThat(problems("{"))
                .containsExactly("line 1, column 2: no valid JSON: Unexpected end-of-input: expected"
                        + " close marker for Object");
        assertThat(problems("{// a comment\n}"))
                .singleElement()
                .asString()
                .startsWith("line 1, column 2: no valid JSON: Unexpected character ('/'")
                .endsWith("comment?");
        assertThat(problems("[".repeat(100_000)))
                .singleElement()
                .asString()
                .startsWith("no valid JSON: ")
                .contains("depth");
        assertThat(problems("{\"max_connections\": " + "9".repeat(5_000) + "}"))
                .singleElement()
                .asString()
                .contains("no valid JSON: ");
        assertThat(problems("{\"listen_addr\": \"\u202e\", \"whitelist\": [\"a.test\"]}"))
                .singleElement()
                .asString()
                .startsWith("listen_addr: found \"?\"");
    }

    @Test
    void shouldRefuseWhatIsNoObject() {
        assertThat(problems("[]")).containsExactly("found a list, wanted a JSON object");
        assertThat(problems("")).containsExactly("found nothing, wanted a JSON object");
        assertThat(problems("{} {}")).singleElement().asString().contains("line 1, column");
    }

    @Test
    void shouldRefuseAKeyThatStandsTwice() {
        assertThat(problems(with("\"whitelist\": []")))
                .singleElement()
                .asString()
                .contains("whitelist");
    }

    @Test
    void shouldRefuseToForwardNothing() {
        assertThat(problems("{\"listen_addr\": \"127.0.0.1:1\", \"whitelist\": []}"))
                .singleElement()
                .asString()
                .contains("nothing would ever be forwarded");
    }

    @Test
    void shouldNotShowPasswordsInProblems() {
        assertThat(problems(with("\"socks5\": {\"addr\": \"a.test:1\", \"username\": \"u\", \"password\": 12345}")))
                .singleElement()
                .asString()
                .startsWith("socks5.password: found something else, wanted text")
                .doesNotContain("12345");
    }

    @Test
    void shouldRefuseCharactersWithTwoEncodings() {
        assertThat(problems(with("\"routes\": [{\"match\": \"stra\u00dfe.test\", \"upstream\": \"*:443\"}]")))
                .singleElement()
                .asString()
                .contains("write its A-label");
    }
}
