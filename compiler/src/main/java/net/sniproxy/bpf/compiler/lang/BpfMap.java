package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.sniproxy.bpf.spec.MapFlag;

/**
 * Describes the kernel map behind a {@code static final} field.
 *
 * <p>The compiler reads this annotation and the field's generic type: the class gives the map type, its type
 * arguments give key and value. It never runs the field's initialiser, which makes the JVM's stand-in.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface BpfMap {
    /** The name that {@code bpftool map list} shows; the kernel keeps 15 bytes. */
    String name();

    /** Entries by default (bytes for a ring buffer, 0 for socket storage); the loader may override it. */
    int maxEntries() default 0;

    /** Flags beyond those that the map type always needs. */
    MapFlag[] flags() default {};

    /** Whether loading pins it under its name, or takes the one that is pinned there. */
    boolean pinned() default false;
}
