package net.sniproxy.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.config.Target;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static Config config(String keys) {
        try {
            return ConfigLoader.parse("{\"listen_addr\": \"127.0.0.1:0\", " + keys + "}");
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private static Router router(String keys) {
        return Router.of(config(keys));
    }

    private static String entry(String match, String more) {
        return "{\"match\": \"" + match + "\"" + more + "}";
    }

    private static String label(Router router, String name, String... alpn) {
        return router.route(Optional.of(name), List.of(alpn)).map(Route::label).orElse("-");
    }

    @Test
    void shouldForwardListedNamesToThemselvesAtPort443() {
        Router router = router("\"whitelist\": [\"a.test\"]");

        assertThat(router.route(Optional.of("a.test"), List.of()))
                .contains(new Route(
                        Route.Source.WHITELIST,
                        "a.test",
                        List.of(new Target.Requested(443)),
                        Via.DIRECT,
                        Optional.empty(),
                        Balance.ROUND_ROBIN));
        assertThat(router.route(Optional.of("b.test"), List.of())).isEmpty();
    }

    @Test
    void shouldMatchBelowADomainAtAnyDepthButNotTheDomain() {
        Router router = router("\"whitelist\": [\"*.example.com\"]");

        assertThat(label(router, "a.example.com")).isEqualTo("whitelist:*.example.com");
        assertThat(label(router, "a.b.c.example.com")).isEqualTo("whitelist:*.example.com");
        assertThat(label(router, "example.com")).isEqualTo("-");
        assertThat(label(router, "badexample.com")).isEqualTo("-");
        assertThat(label(router, "a.example.com.test")).isEqualTo("-");
        assertThat(label(router, "com")).isEqualTo("-");
    }

    @Test
    void shouldPreferTheMostSpecificPatternInEveryOrder() {
        List<String> patterns = new ArrayList<>(List.of(
                "a.b.example.com", "*.b.example.com", "*.example.com", "/.*\\\\.example\\\\.com/", "/.*com/", "*"));
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            Collections.shuffle(patterns, random);
            Router router = router("\"routes\": ["
                    + patterns.stream()
                            .map(pattern -> entry(pattern, ", \"upstream\": \"*:443\""))
                            .collect(Collectors.joining(","))
                    + "]");

            assertThat(label(router, "a.b.example.com")).isEqualTo("routes:a.b.example.com");
            assertThat(label(router, "x.a.b.example.com")).isEqualTo("routes:*.b.example.com");
            assertThat(label(router, "b.example.com")).isEqualTo("routes:*.example.com");
            assertThat(label(router, "example.com")).isEqualTo("routes:/.*com/");
            assertThat(label(router, "example.net")).isEqualTo("routes:*");
        }
    }

    @Test
    void shouldMatchExpressionsAgainstTheWholeName() {
        Router router = router("\"routes\": [" + entry("/b[0-9]+/", ", \"upstream\": \"*:443\"") + "]");

        assertThat(label(router, "b12")).isEqualTo("routes:/b[0-9]+/");
        assertThat(label(router, "ab12")).isEqualTo("-");
        assertThat(label(router, "b12.test")).isEqualTo("-");
    }

    @Test
    void shouldNotBacktrackInExpressions() {
        Router router = router("\"routes\": [" + entry("/(a*)*b/", ", \"upstream\": \"*:443\"") + "]");

        assertThat(label(router, "a".repeat(63) + "." + "a".repeat(63))).isEqualTo("-");
    }

    @Test
    void shouldLookAtRoutesThenSocks5ThenTheWhitelist() {
        Router router = router("""
                "routes": [{"match": "*.r.test", "upstream": "10.0.0.1:443"}],
                "socks5_whitelist": ["*.test"], "socks5": {"addr": "127.0.0.1:1080"},
                "whitelist": ["a.r.test", "a.test", "b.example"], "no_match": "10.0.0.2:443\"""");

        assertThat(label(router, "a.r.test")).isEqualTo("routes:*.r.test");
        assertThat(label(router, "a.test")).isEqualTo("socks5_whitelist:*.test");
        assertThat(label(router, "b.example")).isEqualTo("whitelist:b.example");
        assertThat(label(router, "c.example")).isEqualTo("no_match");
        assertThat(router.route(Optional.of("a.test"), List.of()).orElseThrow().via())
                .isEqualTo(Via.SOCKS5);
    }

    @Test
    void shouldRouteByProtocolInTheOrderOfTheClient() {
        Router router = router("""
                "routes": [
                  {"match": "a.test", "upstream": "*:1"},
                  {"match": "a.test", "upstream": "*:2", "alpn": ["h2"]},
                  {"match": "a.test", "upstream": "*:3", "alpn": ["acme-tls/1", "http/1.1"]}]""");

        assertThat(port(router)).isEqualTo(1);
        assertThat(port(router, "h2", "http/1.1")).isEqualTo(2);
        assertThat(port(router, "http/1.1", "h2")).isEqualTo(3);
        assertThat(port(router, "acme-tls/1")).isEqualTo(3);
        assertThat(port(router, "imap")).isEqualTo(1);
    }

    private static int port(Router router, String... alpn) {
        Route route = router.route(Optional.of("a.test"), List.of(alpn)).orElseThrow();
        return ((Target.Requested) route.targets().getFirst()).port();
    }

    @Test
    void shouldGoOnToLessSpecificPatternsWhereTheConditionFails() {
        Router router = router("""
                "routes": [
                  {"match": "a.b.test", "upstream": "*:1", "alpn": ["h2"]},
                  {"match": "*.b.test", "upstream": "*:2", "alpn": ["h2"]},
                  {"match": "*.test", "upstream": "*:3"}]""");

        assertThat(label(router, "a.b.test", "h2")).isEqualTo("routes:a.b.test");
        assertThat(label(router, "a.b.test", "http/1.1")).isEqualTo("routes:*.test");
    }

    @Test
    void shouldUseNoSniForHellosWithoutANameOnly() {
        Router router = router("\"routes\": [" + entry("*", ", \"upstream\": \"*:443\"")
                + "], \"no_sni\": \"unix:/run/default.sock\"");

        assertThat(router.route(Optional.empty(), List.of()).map(Route::label)).contains("no_sni");
        assertThat(label(router, "a.test")).isEqualTo("routes:*");
        assertThat(router("\"whitelist\": [\"*\"]").route(Optional.empty(), List.of()))
                .isEmpty();
    }

    @Test
    void shouldKeepARouteEqualAcrossReloadsThatDoNotTouchIt() {
        String kept = entry("a.test", ", \"upstream\": [\"10.0.0.1:443\", \"10.0.0.2:443\"]");
        Router before = router("\"routes\": [" + kept + "," + entry("b.test", ", \"upstream\": \"*:1\"") + "]");
        Router after = router("\"routes\": [" + entry("c.test", ", \"upstream\": \"*:1\"") + "," + kept + "]");

        assertThat(after.route(Optional.of("a.test"), List.of()))
                .isEqualTo(before.route(Optional.of("a.test"), List.of()));
        assertThat(after.route(Optional.of("b.test"), List.of())).isEmpty();
    }

    @Test
    void shouldFindEachOfManyNames() {
        String names = IntStream.range(0, 20_000)
                .mapToObj(i -> "\"n" + i + ".example.test\"")
                .collect(Collectors.joining(","));
        Router router = router("\"whitelist\": [" + names + ", \"*.n7.example.test\"]");

        assertThat(IntStream.range(0, 20_000).mapToObj(i -> label(router, "n" + i + ".example.test")))
                .doesNotContain("-");
        assertThat(label(router, "n20000.example.test")).isEqualTo("-");
        assertThat(label(router, "x.n7.example.test")).isEqualTo("whitelist:*.n7.example.test");
    }
}
