package net.sniproxy.proxy.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.kernel.DnsHashKey;
import net.sniproxy.kernel.DnsMaps;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maps of the DNS cache, and their owner: {@code DNS_CACHE}, {@code DNS_NAMES} and {@code DNS_HASH_KEY}. Those that
 * are pinned are taken over if they are of the wanted shape, else replaced.
 */
final class KernelCacheMaps implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCacheMaps.class);

    private static final int SECRET = 0;

    private final BpfMap cache;
    private final BpfMap names;
    private final BpfMap hashKey;
    private final TypedMap<Integer, DnsHashKey> secrets;

    private KernelCacheMaps(BpfMap cache, BpfMap names, BpfMap hashKey) {
        this.cache = cache;
        this.names = names;
        this.hashKey = hashKey;
        this.secrets = TypedMap.of(hashKey, Codec.u32(), Codec.of(DnsHashKey.class));
    }

    /**
     * Opens or makes them.
     *
     * @param pin where they are pinned; empty: not at all
     * @throws BpfException if the kernel refuses, or {@code pin} is not in a BPF file system
     */
    static KernelCacheMaps open(Kernel kernel, int entries, Optional<Path> pin) {
        List<MapSpec> specs = List.of(DnsMaps.cache(entries), DnsMaps.names(entries), DnsMaps.hashKey());
        if (pin.isEmpty()) {
            return each(specs, spec -> BpfMap.create(kernel, spec));
        }
        return adopt(kernel, specs, pin.get()).orElseGet(() -> replace(kernel, specs, pin.get()));
    }

    private static KernelCacheMaps each(List<MapSpec> specs, Function<MapSpec, BpfMap> open) {
        List<BpfMap> maps = new ArrayList<>();
        try {
            specs.forEach(spec -> maps.add(open.apply(spec)));
            return new KernelCacheMaps(maps.get(0), maps.get(1), maps.get(2));
        } catch (RuntimeException e) {
            maps.forEach(BpfMap::close);
            throw e;
        }
    }

    private static Optional<KernelCacheMaps> adopt(Kernel kernel, List<MapSpec> specs, Path pin) {
        if (!specs.stream().allMatch(spec -> Files.exists(pin.resolve(spec.name())))) {
            return Optional.empty();
        }
        var maps = each(specs, spec -> BpfMap.open(kernel, pin.resolve(spec.name())));
        if (fits(maps.cache, specs.get(0)) && fits(maps.names, specs.get(1)) && fits(maps.hashKey, specs.get(2))) {
            return Optional.of(maps);
        }
        maps.close();
        return Optional.empty();
    }

    private static boolean fits(BpfMap map, MapSpec spec) {
        return map.type() == spec.type()
                && map.keySize() == spec.keySize()
                && map.info().valueSize() == spec.valueSize()
                && map.info().maxEntries() == spec.maxEntries();
    }

    private static KernelCacheMaps replace(Kernel kernel, List<MapSpec> specs, Path pin) {
        KernelCacheMaps maps = each(specs, spec -> BpfMap.create(kernel, spec));
        try {
            Files.createDirectories(pin);
            List<BpfMap> all = List.of(maps.cache, maps.names, maps.hashKey);
            for (int i = 0; i < all.size(); i++) {
                Path path = pin.resolve(specs.get(i).name());
                Files.deleteIfExists(path);
                all.get(i).pin(path);
            }
            return maps;
        } catch (IOException e) {
            maps.close();
            throw new UncheckedIOException("cannot pin the DNS cache at " + pin, e);
        } catch (BpfException e) {
            maps.close();
            throw e;
        }
    }

    /**
     * The secret that names are hashed with: the one kept with the maps if their answers come from the same source, else
     * a new one, under which nothing of what is in the maps will be found.
     */
    DnsHashKey secretFor(long source) {
        DnsHashKey current = secrets.lookup(SECRET).orElseThrow();
        boolean unset = current.key0() == 0 && current.key1() == 0;
        if (!unset && current.source() == source) {
            return current;
        }
        SecureRandom random = new SecureRandom();
        DnsHashKey fresh = new DnsHashKey(random.nextLong(), random.nextLong(), source);
        secrets.update(SECRET, fresh);
        return fresh;
    }

    /** Removes the pins, and their directory if nothing else is there; returns the pins that there were. */
    static List<Path> unpin(Path pin) {
        List<Path> removed = new ArrayList<>();
        try {
            for (MapSpec spec : List.of(DnsMaps.cache(1), DnsMaps.names(1), DnsMaps.hashKey())) {
                Path path = pin.resolve(spec.name());
                if (Files.deleteIfExists(path)) {
                    removed.add(path);
                }
            }
            deleteIfEmpty(pin);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the DNS cache at " + pin, e);
        }
        return removed;
    }

    private static void deleteIfEmpty(Path directory) throws IOException {
        try {
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(directory);
            }
        } catch (FileSystemException e) {
            LOG.debug("{} stays, for something else is there, or a file system: {}", directory, e.getMessage());
        }
    }

    BpfMap cache() {
        return cache;
    }

    BpfMap names() {
        return names;
    }

    @Override
    public void close() {
        cache.close();
        names.close();
        hashKey.close();
    }
}
