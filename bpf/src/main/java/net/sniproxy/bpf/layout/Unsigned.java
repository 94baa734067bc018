package net.sniproxy.bpf.layout;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The member's bits are an unsigned number. The Java type has the same bits: read it with {@code Integer.toUnsignedLong}
 * and the like.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.RECORD_COMPONENT})
public @interface Unsigned {}
