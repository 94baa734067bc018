package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** A {@code u32} with an address: the value of a map, or a counter within a struct. */
@Cell(size = 4)
@Struct("u32")
public final class U32 {
    /** The bits; Java reads them as signed. */
    @Unsigned
    public int value;

    /** Zero. */
    public U32() {}

    /** The given bits. */
    public U32(int value) {
        this.value = value;
    }

    /** Adds atomically: exact although programs on other CPUs add at the same time. */
    @AtomicAdd("value")
    public void add(int delta) {
        synchronized (this) {
            value += delta;
        }
    }
}
