package net.sniproxy.proxy.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.config.EbpfConfig;

/** Caches in the kernel; the owner of their maps. Needs Linux 4.10, and root or CAP_BPF. Thread-safe. */
public final class KernelCacheSource implements CacheSource, AutoCloseable {
    /** Names mean other hosts in another network namespace. */
    private static final Path NETWORK = Path.of("/proc/self/ns/net");
    /** What the system's name servers are. */
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    private final KernelCacheMaps maps;
    private final AtomicReference<Resolver.Caches> last = new AtomicReference<>();
    private final CacheCounters counters = new CacheCounters();

    private KernelCacheSource(KernelCacheMaps maps) {
        this.maps = maps;
    }

    /**
     * Makes the maps, or takes over those that are pinned.
     *
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     * @throws java.io.UncheckedIOException if the directory for the pins cannot be made
     */
    public static KernelCacheSource start(Kernel kernel, EbpfConfig.DnsCache config) {
        return new KernelCacheSource(KernelCacheMaps.open(kernel, config.maxEntries(), config.pin()));
    }

    /**
     * Removes what is pinned.
     *
     * @param pin as in {@link EbpfConfig.DnsCache#pin}
     * @return what was removed
     * @throws java.io.UncheckedIOException if something cannot be
     */
    public static List<Path> detach(Path pin) {
        return KernelCacheMaps.unpin(pin);
    }

    @Override
    public Resolver.Caches caches(DnsConfig config) {
        var secret = maps.secretFor(source(config));
        var lifetimes = Resolver.Caches.lifetimes(config);
        Resolver.Caches caches = new Resolver.Caches(
                new KernelNameCache(maps, secret, NameKey.IPV4, lifetimes, System::nanoTime),
                new KernelNameCache(maps, secret, NameKey.IPV6, lifetimes, System::nanoTime),
                counters);
        last.set(caches);
        return caches;
    }

    @Override
    public Optional<Resolver.Caches> inUse() {
        return Optional.ofNullable(last.get());
    }

    private static long source(DnsConfig config) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(config.servers().toString().getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readSymbolicLink(NETWORK).toString().getBytes(StandardCharsets.UTF_8));
            if (config.servers().isEmpty() && Files.exists(RESOLV_CONF)) {
                digest.update(Files.readAllBytes(RESOLV_CONF));
            }
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            // What cannot be told apart is not shared: no other start has this number.
            return System.nanoTime();
        }
    }

    @Override
    public CacheCounters counters() {
        return counters;
    }

    @Override
    public Map<String, BpfMap> maps() {
        return Map.of("DNS_CACHE", maps.cache(), "DNS_NAMES", maps.names());
    }

    @Override
    public void close() {
        maps.close();
    }
}
