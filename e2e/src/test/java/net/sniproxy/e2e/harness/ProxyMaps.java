package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.PerCpuMap;
import tools.jackson.databind.json.JsonMapper;

/** The kernel maps of one process, found by its descriptors, so that other proxies on the host do not matter. */
public record ProxyMaps(long pid) {
    private static final String ID = "map_id:";
    /** The kernel keeps no more of a name. */
    private static final int NAME_LENGTH = 15;

    /** How many entries the map of a name has, as {@code bpftool map dump} shows them. */
    public int entries(String name) {
        String dump = Child.run(List.of("bpftool", "-j", "map", "dump", "id", Integer.toString(id(name))));
        return JsonMapper.shared().readTree(dump).size();
    }

    /** The sum over all CPUs of an entry of {@code TRAFFIC_STATS}. */
    public long traffic(int counter) {
        try (BpfMap map = BpfMap.byId(Kernel.running(), id("TRAFFIC_STATS"))) {
            return PerCpuMap.of(map, Codec.u32(), Codec.u64()).lookup(counter).orElseThrow().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    /** Whether the process has a map of this name. */
    public boolean has(String name) {
        return find(name).isPresent();
    }

    private int id(String name) {
        return find(name).orElseThrow(() -> new AssertionError("process " + pid + " has no map " + name));
    }

    private Optional<Integer> find(String name) {
        String kept = name.substring(0, Math.min(name.length(), NAME_LENGTH));
        Path descriptors = Path.of("/proc/" + pid + "/fdinfo");
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.flatMap(ProxyMaps::mapId)
                    .filter(id -> kept.equals(nameOf(id)))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Integer> mapId(Path descriptor) {
        try {
            return Files.readAllLines(descriptor).stream()
                    .filter(line -> line.startsWith(ID))
                    .map(line -> Integer.parseInt(line.substring(ID.length()).strip()));
        } catch (IOException e) {
            return Stream.empty(); // Closed since it was listed.
        }
    }

    private static String nameOf(int id) {
        try (BpfMap map = BpfMap.byId(Kernel.running(), id)) {
            return map.info().name();
        } catch (BpfException e) {
            return "";
        }
    }
}
