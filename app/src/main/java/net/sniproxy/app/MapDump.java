package net.sniproxy.app;

import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapInfo;
import net.sniproxy.bpf.map.MapWalk;
import tools.jackson.databind.json.JsonMapper;

/** Writes every element of one map, as bytes, in the words of {@code bpftool map dump}. */
final class MapDump {
    /** The kernel keeps no more of a name. */
    private static final int NAME_LENGTH = 15;

    private final PrintWriter out;

    MapDump(PrintWriter out) {
        this.out = out;
    }

    /**
     * Writes the map.
     *
     * @param which its name or its id
     * @throws CommandFailure if there is none, or more than one, of that name, or it has no elements to walk through
     */
    void write(String which, boolean json) {
        try (BpfMap map = BpfMap.byId(Kernel.running(), id(which))) {
            switch (map.type()) {
                case RINGBUF, SK_STORAGE ->
                    throw new CommandFailure(map.label() + " is a " + map.type().kernelName()
                            + ", which the kernel does not let anyone walk through");
                default -> {}
            }
            List<Map<String, Object>> elements = new ArrayList<>();
            new MapWalk(map, (key, value) -> elements.add(element(map, key, value))).run();
            if (json) {
                out.println(JsonMapper.shared().writeValueAsString(elements));
            } else {
                elements.forEach(element -> out.println(text(element)));
                out.println("Found " + elements.size() + (elements.size() == 1 ? " element" : " elements"));
            }
            out.flush();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static int id(String which) {
        List<MapInfo> named = BpfMap.all(Kernel.running()).stream()
                .filter(map -> isMeant(map, which))
                .toList();
        if (named.isEmpty()) {
            throw new CommandFailure("there is no map '" + which + "'; see: sni-proxy map list");
        }
        if (named.size() > 1) {
            throw new CommandFailure("there are " + named.size() + " maps '" + which + "': name one by its id, of "
                    + named.stream().map(map -> Integer.toString(map.id())).collect(Collectors.joining(", ")));
        }
        return named.getFirst().id();
    }

    private static boolean isMeant(MapInfo map, String which) {
        String kept = which.substring(0, Math.min(which.length(), NAME_LENGTH));
        return which.equals(Integer.toString(map.id()))
                || !kept.isEmpty() && map.name().equals(kept);
    }

    private static Map<String, Object> element(BpfMap map, MemorySegment key, MemorySegment value) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("key", bytes(key));
        if (!map.type().perCpu()) {
            element.put("value", bytes(value));
            return element;
        }
        int size = map.info().valueSize();
        int cpus = map.kernel().possibleCpus();
        long stride = value.byteSize() / cpus;
        element.put(
                "values",
                IntStream.range(0, cpus)
                        .mapToObj(cpu -> cpuValue(cpu, value.asSlice(cpu * stride, size)))
                        .toList());
        return element;
    }

    private static Map<String, Object> cpuValue(int cpu, MemorySegment value) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("cpu", cpu);
        one.put("value", bytes(value));
        return one;
    }

    private static List<String> bytes(MemorySegment memory) {
        List<String> bytes = new ArrayList<>();
        for (byte one : memory.toArray(ValueLayout.JAVA_BYTE)) {
            bytes.add("0x%02x".formatted(one));
        }
        return bytes;
    }

    private static String text(Map<String, Object> element) {
        return element.entrySet().stream()
                .map(member -> member.getKey() + ": " + hex(member.getValue()))
                .collect(Collectors.joining("  "));
    }

    private static String hex(Object value) {
        return value.toString().replaceAll("0x|[\\[\\],{}]", "");
    }
}
