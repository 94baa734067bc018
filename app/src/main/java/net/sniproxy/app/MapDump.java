package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapInfo;
import net.sniproxy.bpf.map.MapWalk;
import tools.jackson.databind.json.JsonMapper;

/** Writes every element of one map, in the words of {@code bpftool map dump}: by its types, or where it has none as bytes. */
final class MapDump {
    /** The kernel keeps no more of a name. */
    private static final int NAME_LENGTH = 15;

    private static final JsonMapper JSON = JsonMapper.shared();

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
            MapElements elements = new MapElements(map);
            if (json) {
                writeJson(map, elements);
            } else {
                writeText(map, elements);
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

    private void writeJson(BpfMap map, MapElements elements) {
        List<Map<String, Object>> all = new ArrayList<>();
        new MapWalk(map, (key, value) -> {
                    Map<String, Object> element = elements.asBytes(key, value);
                    elements.byTypes(key, value).ifPresent(formatted -> element.put("formatted", formatted));
                    all.add(element);
                })
                .run();
        out.println(JSON.writeValueAsString(all));
    }

    private void writeText(BpfMap map, MapElements elements) {
        int[] count = {0};
        new MapWalk(map, (key, value) -> {
                    count[0]++;
                    out.println(elements.byTypes(key, value)
                            .map(JSON::writeValueAsString)
                            .orElseGet(() -> hex(elements.asBytes(key, value))));
                })
                .run();
        out.println("Found " + count[0] + (count[0] == 1 ? " element" : " elements"));
    }

    private static String hex(Map<String, Object> element) {
        return element.entrySet().stream()
                .map(member ->
                        member.getKey() + ": " + member.getValue().toString().replaceAll("0x|[\\[\\],{}]", ""))
                .collect(Collectors.joining("  "));
    }
}
