package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import net.sniproxy.proxy.datapath.sockmap.Check;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.PathDeclined;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final TrafficLedger ledger = new TrafficLedger();

    /** As {@link Statistics} hands events on. */
    private void tell(Metrics metrics, ConnectionEvent event) {
        ledger.on(event);
        metrics.on(event);
    }

    @Test
    void shouldCountWhatHappensToConnections() {
        try (Metrics metrics = new Metrics(ledger, 3)) {
            var connection = Events.connection("192.0.2.1");
            tell(metrics, new ConnectionEvent.Opened(connection));
            tell(metrics, new ConnectionEvent.Opened(connection));
            tell(metrics, new ConnectionEvent.Opened(connection));
            tell(
                    metrics,
                    new ConnectionEvent.Connected(
                            connection, new InetSocketAddress("192.0.2.9", 443), Duration.ofMillis(20)));
            tell(metrics, Events.completed("192.0.2.1", "www.example.com", "192.0.2.9", 517, 4096));
            tell(metrics, Events.refused("192.0.2.1", Ending.NO_ROUTE, ""));
            tell(
                    metrics,
                    new ConnectionEvent.PathChosen(
                            connection,
                            DataPathKind.RELAY,
                            List.of(new PathDeclined(DataPathKind.SPLICE, "no_route", "no route to a peer"))));
            ledger.watch(survey -> survey.look(Stream.of(Events.open("192.0.2.1", "www.example.com", 10, 20))));
            assertThat(metrics.scrape().lines())
                    .contains(
                            "sniproxy_connections_accepted_total 3.0",
                            "sniproxy_connections_open 1.0",
                            "sniproxy_connections_ended_total{ending=\"completed\",refused=\"false\"} 1.0",
                            "sniproxy_connections_ended_total{ending=\"no_route\",refused=\"true\"} 1.0",
                            "sniproxy_connections_ended_total{ending=\"hello_timeout\",refused=\"true\"} 0.0",
                            "sniproxy_connections_forwarded_total{path=\"relay\"} 2.0",
                            "sniproxy_path_declined_total{path=\"splice\",reason=\"no_route\"} 1.0",
                            "sniproxy_connections_forwarded_open{path=\"relay\"} 1.0",
                            "sniproxy_connections_forwarded_total{path=\"splice\"} 0.0",
                            "sniproxy_forwarded_bytes_total{direction=\"up\",path=\"relay\"} 527.0",
                            "sniproxy_forwarded_bytes_total{direction=\"down\",path=\"relay\"} 4116.0",
                            "sniproxy_client_forwarded_bytes_total{client=\"192.0.2.1\",direction=\"up\"} 527.0",
                            "sniproxy_client_connections_open{client=\"192.0.2.1\"} 1.0",
                            "sniproxy_name_connections_total{name=\"www.example.com\"} 2.0",
                            "sniproxy_route_forwarded_bytes_total{direction=\"down\",route=\"*.example.com\"} 4116.0",
                            "sniproxy_upstream_connect_seconds_bucket{le=\"0.025\"} 1",
                            "sniproxy_upstream_connect_seconds_bucket{le=\"0.005\"} 0",
                            "sniproxy_connection_duration_seconds_count 2");
        }
    }

    @Test
    void shouldShowWhatTheKernelWasTestedFor() {
        try (Metrics metrics = new Metrics(ledger, 3)) {
            metrics.selfTest(
                    List.of(new Outcome(Check.ORDER, ""), new Outcome(Check.WAKE_UP, "the reader is not woken")));

            assertThat(metrics.scrape().lines())
                    .contains(
                            "sniproxy_sockmap_check_passed{check=\"order\"} 1.0",
                            "sniproxy_sockmap_check_passed{check=\"wake_up\"} 0.0");
        }
    }

    @Test
    void shouldMakeSeriesForTheBusiestNamesAndClientsOnly() {
        try (Metrics metrics = new Metrics(ledger, 3)) {
            for (int i = 0; i < 1_000; i++) {
                tell(metrics, Events.completed("192.0.2." + i % 250, "n" + i + ".example.com", "192.0.2.9", i, 1));
            }
            assertThat(metrics.scrape().lines().filter(line -> line.startsWith("sniproxy_name_connections_total{")))
                    .containsExactlyInAnyOrder(
                            "sniproxy_name_connections_total{name=\"n999.example.com\"} 1.0",
                            "sniproxy_name_connections_total{name=\"n998.example.com\"} 1.0",
                            "sniproxy_name_connections_total{name=\"n997.example.com\"} 1.0");
            assertThat(metrics.scrape().lines().filter(line -> line.startsWith("sniproxy_client_connections_total{")))
                    .hasSize(3);
            long bounded = series(metrics);
            for (int i = 0; i < 10_000; i++) {
                tell(metrics, Events.completed("198.51.100." + i % 250, "m" + i + ".example.com", "192.0.2.9", i, 1));
            }
            assertThat(series(metrics)).isEqualTo(bounded);
        }
    }

    private static long series(Metrics metrics) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("sniproxy_"))
                .count();
    }
}
