package net.sniproxy.proxy.datapath.splice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.map.BpfMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maps and links that outlive the process, pinned in a BPF file system:
 *
 * <pre>
 * ebpf.splice.pin / net-(inode of the network namespace) / (digest of the layouts) / FLOWS, SPLICES, …, link-(interface)
 * </pre>
 *
 * <p>Interfaces belong to a network namespace, so each has pins of its own. What another version left behind is recognised
 * by its digest and removed: its connections end, because the local stack answers their packets with RST. Nothing is pinned
 * before the first interface needs the program, and one process at a time has the pins. Thread-safe.
 */
final class SplicePins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SplicePins.class);
    private static final String LINK_PREFIX = "link-";

    private final Kernel kernel;
    private final Path base;
    private final Path directory;
    private final Optional<PinLock> lock;
    private final Map<String, BpfMap> maps = new TreeMap<>();
    private boolean kept;
    private boolean failed;

    private SplicePins(Kernel kernel, Path base, Optional<PinLock> lock) {
        this.kernel = kernel;
        this.base = base;
        this.lock = lock;
        this.directory = ofNamespace(base).resolve(SpliceLayouts.digest());
    }

    /** Takes the pins and opens the maps of an earlier process, if they are complete and of this version. */
    static SplicePins open(Kernel kernel, Path base) {
        SplicePins pins = new SplicePins(kernel, base, PinLock.tryAcquire(kernel, base));
        try {
            pins.takeOver();
            return pins;
        } catch (RuntimeException e) {
            pins.close();
            throw e;
        }
    }

    private void takeOver() {
        if (lock.isEmpty()) {
            LOG.warn(
                    "splice: another sni-proxy uses {}: connections spliced by this one end with it"
                            + " (give it a directory of its own by ebpf.splice.pin)",
                    base);
            return;
        }
        try {
            adopt();
        } catch (BpfException | UncheckedIOException e) {
            LOG.warn("splice: what is pinned in {} cannot be used and is removed: {}", base, e.getMessage());
            forget();
            removeTree(ofNamespace(base));
        }
    }

    private void adopt() {
        for (Path other : list(ofNamespace(base))) {
            if (!other.equals(directory)) {
                LOG.warn("splice: connections of another version of sni-proxy end: {} is removed", other);
                removeTree(other);
            }
        }
        if (!Files.isDirectory(directory)) {
            return;
        }
        for (String name : SpliceLayouts.PINNED_MAPS) {
            maps.put(name, BpfMap.open(kernel, directory.resolve(name)));
        }
        kept = true;
    }

    /** The maps of the earlier process, by name; all or none. They are this object's to close. */
    Map<String, BpfMap> maps() {
        return Map.copyOf(maps);
    }

    /** Where the links of the earlier process are. */
    List<Path> links() {
        if (!kept) {
            return List.of();
        }
        return list(directory).stream()
                .filter(path -> path.getFileName().toString().startsWith(LINK_PREFIX))
                .toList();
    }

    /** Whose attachments these are; empty if another process has the pins. */
    Optional<String> owner() {
        return lock.map(held -> owner(base));
    }

    private static String owner(Path base) {
        return base.toAbsolutePath().toString();
    }

    /** Whether maps and links outlive this process. */
    synchronized boolean kept() {
        return kept;
    }

    /** Pins the maps if they are not yet; goes on without, after a warning, where that is impossible. */
    synchronized void keep(Map<String, BpfMap> loaded) {
        if (kept || failed || lock.isEmpty()) {
            return;
        }
        try {
            mountIfMissing();
            Files.createDirectories(directory);
            for (String name : SpliceLayouts.PINNED_MAPS) {
                Optional.ofNullable(loaded.get(name)).orElseThrow().pin(directory.resolve(name));
            }
            kept = true;
        } catch (BpfException | IOException | UncheckedIOException e) {
            failed = true;
            LOG.warn(
                    "splice: nothing can be pinned in {}, spliced connections end with this process: {}",
                    base,
                    e.getMessage());
            removeAsFarAsPossible(directory);
        }
    }

    private void mountIfMissing() throws IOException {
        boolean mounted = kernel.facts().mounts("bpf").stream().anyMatch(base::startsWith);
        if (mounted) {
            return;
        }
        if (!base.startsWith(BpfFileSystem.USUAL_PLACE)) {
            throw new IOException("it is in no BPF file system; mount one: mount -t bpf bpf DIRECTORY");
        }
        BpfFileSystem.mount(kernel, BpfFileSystem.USUAL_PLACE);
    }

    /** Lets a link outlive this process, if the maps do. */
    synchronized void keep(Link link, int ifindex) {
        if (kept) {
            try {
                link.pin(directory.resolve(LINK_PREFIX + ifindex));
            } catch (BpfException e) {
                LOG.warn("splice: {} ends with this process: {}", link, e.getMessage());
            }
        }
    }

    /** Removes every pin of this network namespace: what nobody holds open is gone. */
    synchronized void removeAll() {
        kept = false;
        if (lock.isPresent()) {
            removeAsFarAsPossible(ofNamespace(base));
            deleteIfEmpty(base);
        }
    }

    private static void removeAsFarAsPossible(Path folder) {
        try {
            removeTree(folder);
        } catch (UncheckedIOException e) {
            LOG.warn("splice: {} is not removed: {}", folder, e.getMessage());
        }
    }

    private void forget() {
        maps.values().forEach(BpfMap::close);
        maps.clear();
        kept = false;
    }

    /** Closes what it opened; pins stay. */
    @Override
    public void close() {
        maps.values().forEach(BpfMap::close);
        lock.ifPresent(PinLock::close);
    }

    /**
     * Removes what is pinned, or left on interfaces, in this network namespace.
     *
     * @return the removed pins and classifiers
     * @throws IllegalStateException if a proxy uses them
     */
    static List<String> detach(Kernel kernel, Path base) {
        PinLock lock = PinLock.tryAcquire(kernel, base)
                .orElseThrow(() -> new IllegalStateException(
                        "a running sni-proxy uses what is pinned in " + base + ": stop it first"));
        try {
            List<String> removed = new ArrayList<>();
            removeTree(ofNamespace(base)).forEach(path -> removed.add(path.toString()));
            deleteIfEmpty(base);
            Interfaces.detachLeft(kernel, owner(base)).forEach(name -> removed.add("the classifier on " + name));
            return removed;
        } finally {
            lock.close();
        }
    }

    private static Path ofNamespace(Path base) {
        try {
            String name = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
            return base.resolve("net-" + name.replaceAll("[^0-9]", ""));
        } catch (IOException e) {
            return base.resolve("net-unknown");
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> removeTree(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> all = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : all) {
                Files.deleteIfExists(path);
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteIfEmpty(Path folder) {
        try {
            if (Files.isDirectory(folder) && list(folder).isEmpty()) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            LOG.debug("{} stays: {}", folder, e.getMessage());
        }
    }
}
