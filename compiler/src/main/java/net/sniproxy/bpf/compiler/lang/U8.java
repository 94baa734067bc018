package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** A {@code u8} with an address: the value of a map, or a counter within a struct. */
@Cell(size = 1)
@Struct("u8")
public final class U8 {
    /** The bits; Java reads them as signed. */
    @Unsigned
    public byte value;

    /** Zero. */
    public U8() {}

    /** The given bits. */
    public U8(byte value) {
        this.value = value;
    }
}
