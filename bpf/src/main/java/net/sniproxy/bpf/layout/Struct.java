package net.sniproxy.bpf.layout;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * This record or class is a C struct: its components, or its non-static and non-transient fields in the order of the
 * source, are the members, laid out by C's alignment rules.
 *
 * <table>
 * <caption>Java types and what they are in C</caption>
 * <tr><th>Java</th><th>C</th><th>with {@link Unsigned}</th></tr>
 * <tr><td>boolean</td><td>_Bool, 1 byte</td><td>-</td></tr>
 * <tr><td>byte</td><td>s8</td><td>u8</td></tr>
 * <tr><td>short</td><td>s16</td><td>u16</td></tr>
 * <tr><td>char</td><td>u16</td><td>u16</td></tr>
 * <tr><td>int</td><td>s32</td><td>u32</td></tr>
 * <tr><td>long</td><td>s64</td><td>u64</td></tr>
 * <tr><td>array of these with {@link Length}</td><td>array</td><td>array of unsigned</td></tr>
 * <tr><td>final field or component of a type with {@code @Struct}</td><td>embedded struct</td><td>-</td></tr>
 * </table>
 *
 * <p>Members are in the machine's byte order unless {@link BigEndian}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Struct {
    /** Name of the struct in BTF; by default the simple name of the class in snake_case. */
    String value() default "";
}
