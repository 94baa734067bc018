package net.sniproxy.bpf.spec;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.StructLayout;

/**
 * A map to be made.
 *
 * @param name       name in C; the kernel keeps the first 15 characters
 * @param type       kind of map
 * @param key        type of the keys; empty only for a ring buffer
 * @param value      type of the values; empty only for a ring buffer
 * @param maxEntries how many entries it has place for; bytes for a ring buffer; 0 for socket storage
 * @param flags      flags of creation
 * @param pinned     whether loading pins it under its name, or takes the one that is pinned there already
 */
public record MapSpec(
        String name,
        MapType type,
        Optional<DataLayout> key,
        Optional<DataLayout> value,
        int maxEntries,
        Set<MapFlag> flags,
        boolean pinned) {

    public MapSpec {
        flags = Set.copyOf(flags);
        Names.requireIdentifier("map", name);
        if (key.isPresent() != type.keyed() || value.isPresent() != type.keyed()) {
            throw new IllegalArgumentException("map " + name + ": " + type
                    + (type.keyed() ? " needs a key and a value type" : " has neither keys nor values"));
        }
        if (type == MapType.LPM_TRIE && !(key.orElseThrow() instanceof StructLayout)) {
            throw new IllegalArgumentException(
                    "map " + name + ": the key of an LPM_TRIE is a struct of a 32-bit prefix length and the bytes");
        }
        if (maxEntries < 0) {
            throw new IllegalArgumentException("map " + name + ": " + maxEntries + " entries");
        }
    }

    /** A map of this name, with neither key nor value yet. */
    public static Builder named(String name, MapType type) {
        return new Builder(name, type);
    }

    /** Bytes of a key; 0 without keys. */
    public int keySize() {
        return key.map(DataLayout::size).orElse(0);
    }

    /** Bytes of a value; 0 without values. */
    public int valueSize() {
        return value.map(DataLayout::size).orElse(0);
    }

    /** All flags in one word. */
    public int flagBits() {
        return MapFlag.bits(flags);
    }

    /** The same map with place for so many entries. */
    public MapSpec withMaxEntries(int entries) {
        return new MapSpec(name, type, key, value, entries, flags, pinned);
    }

    /** The same map with another name. */
    public MapSpec withName(String newName) {
        return new MapSpec(newName, type, key, value, maxEntries, flags, pinned);
    }

    /** Collects what a map is made of. Not for use by several threads. */
    public static final class Builder {
        private final String name;
        private final MapType type;
        private final Set<MapFlag> flags = EnumSet.noneOf(MapFlag.class);
        private Optional<DataLayout> key = Optional.empty();
        private Optional<DataLayout> value = Optional.empty();
        private int maxEntries;
        private boolean pinned;

        private Builder(String name, MapType type) {
            this.name = name;
            this.type = type;
            if (type == MapType.LPM_TRIE || type == MapType.SK_STORAGE) {
                flags.add(MapFlag.NO_PREALLOC);
            }
        }

        public Builder key(DataLayout layout) {
            key = Optional.of(layout);
            return this;
        }

        public Builder value(DataLayout layout) {
            value = Optional.of(layout);
            return this;
        }

        public Builder maxEntries(int entries) {
            maxEntries = entries;
            return this;
        }

        /** Adds a flag; those without which the kernel refuses the type are there already. */
        public Builder flag(MapFlag flag) {
            flags.add(flag);
            return this;
        }

        /** Pin it under its name when it is loaded, or take the one that is pinned there. */
        public Builder pinned() {
            pinned = true;
            return this;
        }

        public MapSpec build() {
            return new MapSpec(name, type, key, value, maxEntries, flags, pinned);
        }
    }
}
