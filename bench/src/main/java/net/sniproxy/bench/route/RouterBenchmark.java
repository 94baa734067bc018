package net.sniproxy.bench.route;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.route.Router;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Finds routes among ten, ten thousand and a million names; the time must not follow their number. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class RouterBenchmark {
    private static final List<String> ALPN = List.of("h2", "http/1.1");

    @Param({"10", "10000", "1000000"})
    private int names;

    private Router router = router(1);
    /** Few enough to stay in the processor's cache: the look-up is measured, not the memory. */
    private List<String> asked = List.of();

    private int next;

    /** Makes the router. */
    @Setup
    public void makeRouter() {
        router = router(names);
        asked = IntStream.range(0, 8).mapToObj(i -> name(i * (names / 8))).toList();
        if (exact().isEmpty() || below().isEmpty() || none().isPresent()) {
            throw new IllegalStateException("routes not found");
        }
    }

    private static Router router(int names) {
        String list = IntStream.range(0, names)
                .mapToObj(i -> "\"" + name(i) + "\",\"*.w" + i + ".example.net\"")
                .collect(Collectors.joining(","));
        try {
            return Router.of(ConfigLoader.parse("{\"listen_addr\": \"127.0.0.1:0\", \"whitelist\": [" + list + "]}"));
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(int i) {
        return "n" + i + ".example.com";
    }

    /** A name that is listed. A new string each time, as a ClientHello has it: its hash is not known yet. */
    @Benchmark
    public Optional<Route> exact() {
        return router.route(Optional.of(new String(asked.get(next++ & 7).toCharArray())), ALPN);
    }

    /** A name below a domain that is listed. */
    @Benchmark
    public Optional<Route> below() {
        return router.route(Optional.of("a.b.w7.example.net"), ALPN);
    }

    /** A name that nothing matches. */
    @Benchmark
    public Optional<Route> none() {
        return router.route(Optional.of("a.b.nowhere.example.org"), ALPN);
    }
}
