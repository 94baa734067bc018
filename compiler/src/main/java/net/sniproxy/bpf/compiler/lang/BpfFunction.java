package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a static method a function of its own in the kernel, instead of a part of each caller. Since Linux 5.12.
 *
 * <p>The verifier checks it once, for all arguments that its types allow, and callers know nothing of its result but its
 * type: what is said of an {@code int} in one is not known in the other. That is what ends a "program is too large":
 * the ways through the function no longer multiply with those through its callers.
 *
 * <p>Parameters are {@code int}, {@code long}, {@code boolean}, the context, or objects of classes with
 * {@link net.sniproxy.bpf.layout.Struct}, which must not be null, live on the stack or in a map, and are seen by the
 * function as they are; at most five. The result is {@code int}, {@code long} or {@code boolean}. Packet pointers cannot
 * be handed over: read them from the context again.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface BpfFunction {}
