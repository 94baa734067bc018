package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An accessor of a context field, or of a {@code struct bpf_sock}: a load from {@code this + offset}, or, when the
 * method returns {@code void}, a store of its one argument.
 *
 * <p>{@code int} results hold the field zero-extended. A {@link Packet} or {@link PacketEnd} result is a packet pointer
 * although the context declares a {@code u32}: the kernel rewrites the load. An accessor with an {@code int} parameter
 * and a result reads element i of an array whose elements have {@link #size()} bytes; the index must be a constant.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Ctx {
    /** Byte offset in the structure that {@code linux/bpf.h} declares. */
    int offset();

    /** Bytes that the load or store covers: 1, 2, 4 or 8. */
    int size();
}
