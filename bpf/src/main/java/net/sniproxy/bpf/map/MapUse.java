package net.sniproxy.bpf.map;

/**
 * How full a map is.
 *
 * @param name the map's, in full
 * @param entries keys that are in it
 * @param maxEntries keys that it has room for
 */
public record MapUse(String name, long entries, int maxEntries) {
    /** Counts the keys by walking through the map. */
    public static MapUse count(String name, BpfMap map) {
        long[] met = new long[1];
        new MapWalk(map, (key, value) -> met[0]++).run();
        return new MapUse(name, met[0], map.info().maxEntries());
    }
}
