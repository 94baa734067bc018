package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A class with one field {@code value} that stands for a plain C scalar with an address, such as {@code u64}. BTF
 * describes it as the scalar itself, so {@code bpftool map dump} prints a number.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Cell {
    /** Bytes of the scalar: 1, 2, 4 or 8; it is unsigned. */
    int size();
}
