package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** A {@code u16} with an address: the value of a map, or a counter within a struct. */
@Cell(size = 2)
@Struct("u16")
public final class U16 {
    /** The bits; Java reads them as signed. */
    @Unsigned
    public short value;

    /** Zero. */
    public U16() {}

    /** The given bits. */
    public U16(short value) {
        this.value = value;
    }
}
