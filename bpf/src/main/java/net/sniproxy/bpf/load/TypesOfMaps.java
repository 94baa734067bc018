package net.sniproxy.bpf.load;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.map.MapTypes;
import net.sniproxy.bpf.spec.MapSpec;

/** The types of the keys and values of an object's maps, in one BTF. */
final class TypesOfMaps {
    /** Ids of a map's types. */
    private record KeyAndValue(int key, int value) {}

    private final BtfBuilder builder = new BtfBuilder();
    private final Map<String, KeyAndValue> ids = new HashMap<>();

    TypesOfMaps(List<MapSpec> maps) {
        // The kernel refuses BTF without a type, which ring buffers alone would have.
        id(IntegerLayout.U32);
        for (MapSpec map : maps) {
            if (hasTypes(map)) {
                ids.put(
                        map.name(),
                        new KeyAndValue(
                                id(map.key().orElseThrow()), id(map.value().orElseThrow())));
            }
        }
    }

    Btf build() {
        return builder.build();
    }

    /** The types of a map for BPF_MAP_CREATE; none for a map that has no BTF. */
    MapTypes of(String map, LoadedTypes btf) {
        KeyAndValue types = ids.get(map);
        return types == null ? MapTypes.NONE : new MapTypes(btf.number(), types.key(), types.value());
    }

    // The kernel refuses BTF for socket maps and ring buffers, and asks for certain kinds of keys in others.
    private static boolean hasTypes(MapSpec map) {
        if (map.key().isEmpty() || map.type().ofSockets()) {
            return false;
        }
        DataLayout key = map.key().orElseThrow();
        return switch (map.type()) {
            case LPM_TRIE -> key instanceof StructLayout;
            case ARRAY, PERCPU_ARRAY, SK_STORAGE -> key instanceof IntegerLayout;
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> true;
            case SOCKMAP, SOCKHASH, RINGBUF -> false;
        };
    }

    private int id(DataLayout layout) {
        return LayoutTypes.add(builder, layout);
    }
}
