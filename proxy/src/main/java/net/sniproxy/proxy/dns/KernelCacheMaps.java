package net.sniproxy.proxy.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.kernel.DnsHashKey;
import net.sniproxy.kernel.DnsMaps;

/**
 * The maps of the DNS cache, and their owner: {@code DNS_CACHE}, {@code DNS_NAMES} and {@code DNS_HASH_KEY}. Those that
 * are pinned are taken over if they are of the wanted shape, else replaced.
 */
final class KernelCacheMaps implements AutoCloseable {
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
            return create(kernel, specs);
        }
        return adopt(kernel, specs, pin.get()).orElseGet(() -> replace(kernel, specs, pin.get()));
    }

    private static KernelCacheMaps create(Kernel kernel, List<MapSpec> specs) {
        return new KernelCacheMaps(
                BpfMap.create(kernel, specs.get(0)),
                BpfMap.create(kernel, specs.get(1)),
                BpfMap.create(kernel, specs.get(2)));
    }

    private static Optional<KernelCacheMaps> adopt(Kernel kernel, List<MapSpec> specs, Path pin) {
        if (!specs.stream().allMatch(spec -> Files.exists(pin.resolve(spec.name())))) {
            return Optional.empty();
        }
        var maps = new KernelCacheMaps(
                BpfMap.open(kernel, pin.resolve(specs.get(0).name())),
                BpfMap.open(kernel, pin.resolve(specs.get(1).name())),
                BpfMap.open(kernel, pin.resolve(specs.get(2).name())));
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
        KernelCacheMaps maps = create(kernel, specs);
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

    /** Removes the pins; returns those that were there. */
    static List<Path> unpin(Path pin) {
        List<Path> removed = new ArrayList<>();
        try {
            for (MapSpec spec : List.of(DnsMaps.cache(1), DnsMaps.names(1), DnsMaps.hashKey())) {
                Path path = pin.resolve(spec.name());
                if (Files.deleteIfExists(path)) {
                    removed.add(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the DNS cache at " + pin, e);
        }
        return removed;
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
