package net.sniproxy.bpf.elf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.BtfType;
import net.sniproxy.bpf.btf.BtfType.Encoding;
import net.sniproxy.bpf.btf.BtfType.Linkage;
import net.sniproxy.bpf.btf.BtfType.Member;
import net.sniproxy.bpf.btf.BtfType.SectionVariable;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.spec.MapSpec;

/**
 * The section {@code .maps}. Its bytes are all zero: what a map is stands in BTF, in the type of a variable. A number is
 * the length of an array that a member points to, a key or value is what a member points to.
 */
final class MapSection {
    static final String NAME = ".maps";

    private static final int POINTER_BYTES = 8;
    private static final int PIN_BY_NAME = 1;
    private static final BtfType.Int INT = new BtfType.Int("int", 4, Encoding.SIGNED);

    private final BtfBuilder btf;
    private final Map<String, ElfSymbol> symbols = new LinkedHashMap<>();
    private int size;

    /** Adds the variables of all maps to BTF. */
    MapSection(BtfBuilder btf, List<MapSpec> maps) {
        this.btf = btf;
        List<SectionVariable> variables = new ArrayList<>();
        for (MapSpec map : maps) {
            List<Member> members = members(map);
            int bytes = POINTER_BYTES * members.size();
            int struct = btf.add(new BtfType.Struct("", bytes, members));
            int variable = btf.add(new BtfType.Variable(map.name(), struct, Linkage.GLOBAL));
            variables.add(new SectionVariable(variable, size, bytes));
            symbols.put(map.name(), new ElfSymbol(map.name(), ElfSymbol.Kind.OBJECT, NAME, size, bytes, true));
            size += bytes;
        }
        if (!maps.isEmpty()) {
            btf.add(new BtfType.DataSection(NAME, size, variables));
        }
    }

    int size() {
        return size;
    }

    /** Symbols by the names of the maps. */
    Map<String, ElfSymbol> symbols() {
        return symbols;
    }

    private List<Member> members(MapSpec map) {
        List<Member> members = new ArrayList<>();
        addNumber(members, "type", map.type().number());
        if (map.maxEntries() != 0) {
            addNumber(members, "max_entries", map.maxEntries());
        }
        if (!map.flags().isEmpty()) {
            addNumber(members, "map_flags", map.flagBits());
        }
        map.key().ifPresent(key -> addType(members, "key", key));
        map.value().ifPresent(value -> addType(members, "value", value));
        if (map.pinned()) {
            addNumber(members, "pinning", PIN_BY_NAME);
        }
        return members;
    }

    private void addNumber(List<Member> members, String name, int number) {
        int integer = btf.add(INT);
        addPointer(members, name, btf.add(new BtfType.Array(integer, integer, number)));
    }

    private void addType(List<Member> members, String name, DataLayout layout) {
        addPointer(members, name, LayoutTypes.add(btf, layout));
    }

    private void addPointer(List<Member> members, String name, int target) {
        int pointer = btf.add(new BtfType.Pointer(target));
        members.add(new Member(name, pointer, 8 * POINTER_BYTES * members.size(), 0));
    }
}
