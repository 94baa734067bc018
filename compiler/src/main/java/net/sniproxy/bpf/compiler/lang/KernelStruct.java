package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An interface that stands for a struct of the running kernel. Its methods, marked {@link KernelField}, read fields
 * whose offsets and sizes come from the kernel's BTF at compile time. Tests implement it with a record.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface KernelStruct {
    /** The struct's name in the kernel, without {@code struct}. */
    String value();
}
