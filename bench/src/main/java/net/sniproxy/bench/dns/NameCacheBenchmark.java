package net.sniproxy.bench.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.dns.KernelCacheSource;
import net.sniproxy.proxy.dns.NameCache;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A hit in a cache of 10,000 names: the kernel's map beside this process's memory. Needs root. */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class NameCacheBenchmark {
    private static final int NAMES = 10_000;
    /** An LRU map evicts before it is full. */
    private static final int PLACES = 2 * NAMES;

    @Param({"kernel", "memory"})
    private String kind = "kernel";

    private final String[] names = new String[NAMES];

    @SuppressWarnings("NullAway.Init") // made in fill()
    private CacheSource source;

    @SuppressWarnings("NullAway.Init") // made in fill()
    private NameCache cache;

    /** Makes the cache and fills it. */
    @Setup
    public void fill() {
        source = kind.equals("kernel")
                ? KernelCacheSource.start(Kernel.running(), new EbpfConfig.DnsCache(true, PLACES, Optional.empty()))
                : CacheSource.inMemory(PLACES);
        cache = source.caches(new DnsConfig(
                        List.of(new InetSocketAddress("127.0.0.1", 53)),
                        DnsConfig.Family.IPV4_ONLY,
                        Duration.ZERO,
                        Duration.ofDays(1),
                        Duration.ZERO,
                        Duration.ZERO,
                        false))
                .v4();
        for (int i = 0; i < NAMES; i++) {
            names[i] = "host-" + i + ".example.com";
            cache.store(names[i], List.of(InetAddress.ofLiteral("192.0.2." + i % 256)), 86_400);
        }
    }

    @TearDown
    public void close() {
        if (source instanceof KernelCacheSource kernel) {
            kernel.close();
        }
    }

    @Benchmark
    public NameCache.Found hit() {
        return cache.find(names[ThreadLocalRandom.current().nextInt(NAMES)]);
    }
}
