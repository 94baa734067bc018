package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A call of a kernel helper. The receiver of an instance method is the helper's first argument (a map or a context);
 * the parameters follow in order.
 *
 * <p>How a parameter is passed follows from its type: {@code int} and {@code long} by value; a context, map, socket or
 * kernel struct as its pointer; a struct, a cell, a {@link Buffer} or a packet as the address of its bytes; a boxed
 * {@link Integer} or {@link Long} as the address of a stack slot of four or eight bytes that holds it; an {@code int}
 * marked {@link ByAddress} likewise; {@code null} as 0. A parameter marked {@link Sized} is followed by the size of
 * what it points to.
 *
 * <p>The Java body is the stand-in that runs on the JVM.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Helper {
    /** The helper's number in {@code linux/bpf.h} ({@code BPF_FUNC_…}). */
    int value();

    /** Whether the call may move the packet, so that every packet pointer must be read and checked anew. */
    boolean invalidatesPackets() default false;
}
