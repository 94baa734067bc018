package net.sniproxy.bpf.layout;

/**
 * A member of a struct.
 *
 * @param name   the member's name in Java and BTF
 * @param offset bytes from the start of the struct
 * @param layout the member's type
 */
public record StructField(String name, int offset, DataLayout layout) {
    /** Bytes. */
    public int size() {
        return layout.size();
    }
}
