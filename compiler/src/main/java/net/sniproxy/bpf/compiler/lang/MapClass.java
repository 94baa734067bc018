package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.sniproxy.bpf.spec.MapType;

/** The kernel map type that a map class stands for. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MapClass {
    /** The type given to {@code BPF_MAP_CREATE}. */
    MapType value();
}
