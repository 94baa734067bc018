package net.sniproxy.bpf.compiler.lang;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A method that the compiler replaces by one operation; its Java body is the stand-in that runs on the JVM. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Intrinsic {
    /** What the method does. */
    Operation value();

    /** Bytes loaded, stored or swapped, where the operation needs it. */
    int size() default 0;

    /** Byte order in memory of a load or store. */
    Order order() default Order.NATIVE;

    /** The operations. */
    enum Operation {
        /** {@code this + argument 0}, a pointer like {@code this}. The argument is an unsigned number. */
        ADVANCE,
        /** Whether {@code argument 0 + argument 1} is not beyond {@code this}, the packet's end. */
        COVERS,
        /** {@code size} bytes at {@code this + argument 0}, zero-extended to {@code int} or {@code long}. */
        LOAD,
        /** Stores the low {@code size} bytes of argument 1 at {@code this + argument 0}. */
        STORE,
        /** A zeroed stack buffer; argument 0 is its constant size in bytes. */
        ALLOCATE,
        /** Between host and network byte order: the low {@code size} bytes, the rest of the result is zero. */
        NETWORK_ORDER
    }

    /** The byte order of a value in memory. */
    enum Order {
        /** The machine's. */
        NATIVE,
        /** Big endian. */
        NETWORK
    }
}
