package net.sniproxy.bpf.compiler;

import java.util.function.Supplier;

/** Watches a compilation: one call after every stage of every function. */
@FunctionalInterface
public interface Trace {

    /** The stages, in order. */
    enum Stage {
        /** SSA as it comes from the class file, methods inlined. */
        SSA,
        /** SSA after the optimiser. */
        OPTIMISED,
        /** Instructions with virtual registers. */
        SELECTED,
        /** Instructions with eBPF registers. */
        ALLOCATED
    }

    /**
     * A stage is done.
     *
     * @param program the program's or function's name
     * @param stage which one
     * @param text makes the dump; costs nothing if it is not asked
     */
    void stage(String program, Stage stage, Supplier<String> text);

    /** Watches nothing. */
    static Trace none() {
        return (_, _, _) -> {};
    }
}
