package net.sniproxy.bpf.compiler.ir;

/** What a value is. Finer facts (which struct, which memory) are kept by the front end and by the verifier. */
public enum Type {
    /** Java's {@code int}, {@code boolean}, {@code byte}, {@code short} and {@code char}: 32 bits of a register. */
    I32,
    /** Java's {@code long}. */
    I64,
    /** A Java reference: 64 bits that the verifier tracks. */
    POINTER,
    /** No value: stores, and calls that return nothing. */
    NONE;

    /** Whether operations on it use the 64-bit instruction class. */
    public boolean wide() {
        return this != I32;
    }
}
