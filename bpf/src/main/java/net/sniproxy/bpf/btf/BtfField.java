package net.sniproxy.bpf.btf;

/**
 * Where a member is, seen from the outermost struct.
 *
 * @param bitOffset bits from the start of the struct
 * @param bitSize   bits of a bit field; 0 for any other member
 * @param type      id of the member's type
 */
public record BtfField(int bitOffset, int bitSize, int type) {
    /**
     * Bytes from the start of the struct.
     *
     * @throws IllegalStateException for a bit field that starts inside a byte
     */
    public int offset() {
        if (bitOffset % 8 != 0) {
            throw new IllegalStateException("a bit field at bit " + bitOffset + " has no offset in bytes");
        }
        return bitOffset / 8;
    }

    /** Whether it has fewer bits than its type, so that no byte offset need exist. */
    public boolean isBitField() {
        return bitSize != 0;
    }
}
