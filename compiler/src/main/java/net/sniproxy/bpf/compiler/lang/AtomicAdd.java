package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method of a struct class that adds its one argument to a field atomically: exact although programs on other CPUs add
 * at the same time. The Java body does the same on the JVM.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface AtomicAdd {
    /** The field, an {@code int} or {@code long} of the same class. */
    String value();
}
