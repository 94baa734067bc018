package net.sniproxy.proxy.filter.xdp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.MapUse;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.kernel.Ipv6Prefix;
import net.sniproxy.kernel.Setting;
import net.sniproxy.kernel.XdpIpFilter;
import net.sniproxy.proxy.LoadedPrograms;

/** One copy of the program with lists and settings of its own; all other maps are those of every copy. Thread-safe. */
final class FilterGeneration implements AutoCloseable {
    private static final String PROGRAM = "xdp_ip_filter";
    /** As in {@link net.sniproxy.kernel.KernelMaps#IP_WHITELIST}: room for what other tools put in. */
    private static final int LEAST_ENTRIES = 10_000;

    private static final Set<String> OWN = Set.of("CONFIG", "IP_WHITELIST", "DENY_HOSTS", "RULES_IPV4", "RULES_IPV6");

    private final LoadedObject object;
    private final TypedMap<Integer, Integer> settings;

    private final List<MapUse> lists;

    private FilterGeneration(LoadedObject object, RuleTables tables) {
        this.object = object;
        this.lists = List.of(
                use("IP_WHITELIST", tables.whitelist()),
                use("DENY_HOSTS", tables.hosts()),
                use("RULES_IPV4", tables.ipv4()),
                use("RULES_IPV6", tables.ipv6()));
        this.settings = TypedMap.of(object.map("CONFIG"), Codec.u32(), Codec.u32());
    }

    /**
     * Loads a copy and fills its lists. It judges nothing until {@link #set} is told to.
     *
     * @param shared has the maps of every copy
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses; nothing is left behind
     */
    static FilterGeneration load(LoadedPrograms programs, LoadedObject shared, RuleTables tables) {
        Map<String, Integer> entries = Map.of(
                "IP_WHITELIST", room(tables.whitelist()),
                "DENY_HOSTS", room(tables.hosts()),
                "RULES_IPV4", room(tables.ipv4()),
                "RULES_IPV6", room(tables.ipv6()));
        LoadedObject object = programs.loadApart(shared, OWN, entries, XdpIpFilter.class);
        try {
            FilterGeneration generation = new FilterGeneration(object, tables);
            generation.fill(tables);
            return generation;
        } catch (RuntimeException failure) {
            object.close();
            throw failure;
        }
    }

    private static MapUse use(String name, Map<?, ?> entries) {
        return new MapUse(name, entries.size(), room(entries));
    }

    private static int room(Map<?, ?> entries) {
        return entries.size() + LEAST_ENTRIES;
    }

    private void fill(RuleTables tables) {
        TypedMap.of(object.map("IP_WHITELIST"), Codec.u32(), Codec.of(U8.class)).updateAll(tables.whitelist());
        TypedMap.of(object.map("DENY_HOSTS"), Codec.u32(), Codec.u64()).updateAll(tables.hosts());
        TypedMap.of(object.map("RULES_IPV4"), Codec.of(Ipv4Prefix.class), Codec.u64())
                .updateAll(tables.ipv4());
        TypedMap.of(object.map("RULES_IPV6"), Codec.of(Ipv6Prefix.class), Codec.u64())
                .updateAll(tables.ipv6());
        Map<Integer, Integer> initial = new HashMap<>();
        initial.put(Setting.RULES, inUse(tables));
        settings.updateAll(initial);
    }

    private static int inUse(RuleTables tables) {
        return (tables.whitelist().isEmpty() ? 0 : Setting.RULES_WHITELIST)
                | (tables.hosts().isEmpty() ? 0 : Setting.RULES_HOSTS)
                | (tables.ipv4().isEmpty() ? 0 : Setting.RULES_IPV4)
                | (tables.ipv6().isEmpty() ? 0 : Setting.RULES_IPV6);
    }

    /** Changes one {@link Setting}. */
    void set(int setting, int value) {
        settings.update(setting, value);
    }

    /** How full its lists were made. */
    List<MapUse> lists() {
        return lists;
    }

    /** What the links attach. */
    Program program() {
        return object.program(PROGRAM);
    }

    /** Gives back program and lists; interfaces that still run the program keep both. */
    @Override
    public void close() {
        object.close();
    }
}
