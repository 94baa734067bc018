package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.sys.Attributes;

/**
 * What the kernel knows of a map ({@code struct bpf_map_info}).
 *
 * @param type number of its type
 * @param id unique in the system until the map is gone
 * @param keySize bytes
 * @param valueSize bytes of one value, also in a per-CPU map
 * @param maxEntries as created
 * @param flags as created
 * @param name its first 15 characters
 * @param types its BTF
 */
public record MapInfo(
        int type, int id, int keySize, int valueSize, int maxEntries, int flags, String name, Types types) {
    private static final int SIZE = 88;
    private static final int TYPE = 0;
    private static final int ID = 4;
    private static final int KEY_SIZE = 8;
    private static final int VALUE_SIZE = 12;
    private static final int MAX_ENTRIES = 16;
    private static final int FLAGS = 20;
    private static final int NAME = 24;
    private static final int BTF = 64;
    private static final int BTF_KEY = 68;
    private static final int BTF_VALUE = 72;

    /**
     * The BTF of a map's elements, by the ids that the kernel gave.
     *
     * @param btf 0 if it has none
     * @param key its key's type; 0 if that has none
     * @param value its value's type; likewise
     */
    public record Types(int btf, int key, int value) {}

    static Attributes allocate(Arena arena) {
        return Attributes.of(arena, SIZE);
    }

    static MapInfo of(Attributes info) {
        return new MapInfo(
                info.getInt(TYPE),
                info.getInt(ID),
                info.getInt(KEY_SIZE),
                info.getInt(VALUE_SIZE),
                info.getInt(MAX_ENTRIES),
                info.getInt(FLAGS),
                info.getName(NAME),
                new Types(info.getInt(BTF), info.getInt(BTF_KEY), info.getInt(BTF_VALUE)));
    }
}
