package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** A {@code u64} with an address: the value of a map, or a counter within a struct. */
@Cell(size = 8)
@Struct("u64")
public final class U64 {
    /** The bits; Java reads them as signed. */
    @Unsigned
    public long value;

    /** Zero. */
    public U64() {}

    /** The given bits. */
    public U64(long value) {
        this.value = value;
    }

    /** Adds atomically: exact although programs on other CPUs add at the same time. */
    @AtomicAdd("value")
    public void add(long delta) {
        synchronized (this) {
            value += delta;
        }
    }
}
