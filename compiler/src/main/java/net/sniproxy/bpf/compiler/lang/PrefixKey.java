package net.sniproxy.bpf.compiler.lang;

/**
 * A key of a {@link BpfLpmTrie}: a record whose first component is the prefix length as {@code u32}, followed by the
 * bytes that it counts bits of, the most significant first.
 */
public interface PrefixKey {
    /** Bits that count, from the first byte's most significant one. */
    int prefixLength();

    /** The bytes in memory order, for the JVM's stand-in. */
    byte[] prefixBytes();
}
