package net.sniproxy.bpf.map;

import net.sniproxy.bpf.layout.DataLayout;

/** Compares the types that a view gives to a map with the sizes that the map has. */
final class Sizes {
    private Sizes() {}

    static void require(BpfMap map, DataLayout key, DataLayout value) {
        requireEqual(map, "keys", map.keySize(), key);
        requireEqual(map, "values", map.info().valueSize(), value);
    }

    static void requireEqual(BpfMap map, String what, int size, DataLayout layout) {
        if (size != layout.size()) {
            throw new IllegalArgumentException(
                    map.label() + ": its " + what + " are " + size + " bytes, but " + layout + " is " + layout.size());
        }
    }
}
