package net.sniproxy.bpf.map;

/**
 * BTF types of a map's keys and values, which tools print names with and socket storage requires.
 *
 * @param btf descriptor of the loaded BTF
 * @param key id of the key's type in it
 * @param value id of the value's type in it
 */
public record MapTypes(int btf, int key, int value) {
    /** No BTF. */
    public static final MapTypes NONE = new MapTypes(0, 0, 0);
}
