package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Marks a static method as the entry of a kernel program.
 *
 * <p>The method takes the context class of its program type ({@link XdpContext}, {@link TcContext},
 * {@link SkMsgContext}, {@link SockOpsContext}, {@link SetSockOptContext}). A BTF tracepoint instead takes the tracepoint's own arguments, in
 * order: pointers as {@link KernelStruct} interfaces, numbers as {@code int} or {@code long}. The result is {@code int}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface BpfProgram {
    /** The program type, which decides context, helpers and attach points. */
    ProgramType type();

    /** The name that {@code bpftool prog list} shows; at most 15 bytes are kept by the kernel. */
    String name();

    /** What a tracing program attaches to, such as {@code sock_recv_length}; empty where the type says it all. */
    String attachTo() default "";
}
