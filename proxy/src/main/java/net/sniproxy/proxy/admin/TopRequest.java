package net.sniproxy.proxy.admin;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.sniproxy.proxy.dns.CacheCounters;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.filter.xdp.DropReason;
import net.sniproxy.proxy.stats.KernelFigures;
import net.sniproxy.proxy.stats.TrafficLedger;
import net.sniproxy.proxy.stats.TrafficSnapshot;
import net.sniproxy.proxy.stats.Volume;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All traffic so far, and the busiest open connections, names, clients and routes. Rates are for the asker to work out, from two
 * answers and their {@code nanos}.
 */
public final class TopRequest implements AdminCommand {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST = 10_000;
    private static final int USUAL = 100;

    private final TrafficLedger traffic;
    private final KernelFigures kernel;
    private final CacheCounters names;

    public TopRequest(TrafficLedger traffic, KernelFigures kernel, CacheCounters names) {
        this.traffic = traffic;
        this.kernel = kernel;
        this.names = names;
    }

    @Override
    public JsonNode answer(JsonNode arguments) {
        int most = Arguments.integer(arguments, "most", MOST).orElse(USUAL);
        String filter = Arguments.text(arguments, "filter").orElse("").toLowerCase(Locale.ROOT);
        TrafficSnapshot now =
                traffic.snapshot(most, connection -> words(connection).anyMatch(word -> contains(word, filter)));
        ObjectNode answer = JSON.createObjectNode().put("nanos", System.nanoTime());
        connections(answer.putObject("connections"), now);
        paths(answer.putArray("paths"), now.paths());
        volumes(answer.putArray("names"), "name", now.names(), most, filter);
        volumes(answer.putArray("clients"), "client", now.clients(), most, filter);
        volumes(answer.putArray("routes"), "route", now.routes(), most, filter);
        live(answer.putArray("live"), now);
        drops(answer.putObject("drops"));
        answer.putObject("dns")
                .put("hits", names.hits())
                .put("misses", names.misses())
                .put("stale", names.stale())
                .put("prefetches", names.prefetches());
        return answer;
    }

    private static boolean contains(String word, String filter) {
        return word.toLowerCase(Locale.ROOT).contains(filter);
    }

    private static Stream<String> words(LiveConnection connection) {
        return Stream.of(
                        Optional.of(text(connection.client())),
                        connection.name(),
                        connection.route(),
                        connection.target(),
                        connection.upstream().map(TopRequest::text),
                        connection.path().map(DataPathKind::label))
                .flatMap(Optional::stream);
    }

    private static void connections(ObjectNode said, TrafficSnapshot now) {
        said.put("accepted", now.accepted()).put("open", now.open());
        ObjectNode ended = said.putObject("ended");
        now.ended().forEach((ending, count) -> ended.put(ending.label(), count));
    }

    private static void paths(ArrayNode list, Map<DataPathKind, Volume> paths) {
        for (DataPathKind path : DataPathKind.values()) {
            volume(list.addObject().put("path", path.label()), paths.getOrDefault(path, Volume.NONE));
        }
    }

    private static void volumes(ArrayNode list, String key, Map<String, Volume> volumes, int most, String filter) {
        volumes.entrySet().stream()
                .filter(entry -> contains(entry.getKey(), filter))
                .sorted(Comparator.comparingLong((Map.Entry<String, Volume> entry) ->
                                entry.getValue().bytes())
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .limit(most)
                .forEach(entry -> volume(list.addObject().put(key, entry.getKey()), entry.getValue()));
    }

    private static void volume(ObjectNode said, Volume volume) {
        said.put("open", volume.open())
                .put("connections", volume.connections())
                .put("bytes_up", volume.bytesUp())
                .put("bytes_down", volume.bytesDown());
    }

    private static void live(ArrayNode list, TrafficSnapshot now) {
        Instant time = Instant.now();
        for (LiveConnection connection : now.busiest()) {
            ObjectNode said =
                    list.addObject().put("id", connection.connection().id()).put("client", text(connection.client()));
            connection.name().ifPresent(name -> said.put("name", name));
            connection.route().ifPresent(route -> said.put("route", route));
            connection.target().ifPresent(target -> said.put("target", target));
            connection.upstream().ifPresent(upstream -> said.put("upstream", text(upstream)));
            connection.path().ifPresent(path -> said.put("path", path.label()));
            said.put(
                    "age_seconds",
                    Duration.between(connection.connection().acceptedAt(), time).toSeconds());
            said.put("bytes_up", connection.bytes().up())
                    .put("bytes_down", connection.bytes().down());
        }
    }

    private void drops(ObjectNode said) {
        long[] counters = kernel.traffic();
        for (DropReason reason : DropReason.values()) {
            said.put(reason.label(), counters[reason.counter()]);
        }
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? NetUtil.toSocketAddressString(inet) : "unix:" + address;
    }
}
