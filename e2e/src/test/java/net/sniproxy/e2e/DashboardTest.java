package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Grafana dashboard asks for nothing that a proxy does not tell. */
class DashboardTest {
    private static final Path DASHBOARD = Path.of("../docs/grafana/sni-proxy.json");
    private static final Pattern METRIC = Pattern.compile("\\b((?:sniproxy|jvm|process)_[a-z0-9_]+)");

    @Test
    void shouldNameOnlyMetricsThatARealScrapeHas() throws Exception {
        Set<String> named = named();
        assertThat(named).hasSizeGreaterThan(15);
        try (Rig rig = Rig.start(
                        DataPath.SPLICE,
                        config -> config.set(
                                "metrics.addr",
                                ProxyConfig.text(
                                        new InetSocketAddress(config.address().getAddress(), 0))));
                Link link = rig.open()) {
            assertThat(link.hello()).isNotEmpty();
            Await.until(
                    "all of " + named,
                    Duration.ofSeconds(20),
                    () -> scraped(rig.proxy()),
                    there -> there.containsAll(named));
        }
    }

    private static Set<String> named() throws Exception {
        Set<String> named = new TreeSet<>();
        for (JsonNode expression :
                JsonMapper.shared().readTree(Files.readString(DASHBOARD)).findValues("expr")) {
            Matcher metric = METRIC.matcher(expression.stringValue());
            while (metric.find()) {
                named.add(metric.group(1));
            }
        }
        return named;
    }

    private static Set<String> scraped(ProxyProcess proxy) {
        return proxy.metrics()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[{ ].*", ""))
                .collect(Collectors.toSet());
    }
}
