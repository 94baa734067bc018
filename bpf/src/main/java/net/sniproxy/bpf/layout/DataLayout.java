package net.sniproxy.bpf.layout;

/** Type of a piece of memory that user space and kernel share: what C calls a complete object type. */
public sealed interface DataLayout permits IntegerLayout, ArrayLayout, StructLayout, PointerLayout, OpaqueLayout {
    /** Bytes. */
    int size();

    /** Bytes; a power of two. */
    int alignment();
}
