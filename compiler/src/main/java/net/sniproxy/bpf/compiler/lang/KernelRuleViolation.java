package net.sniproxy.bpf.compiler.lang;

/**
 * A kernel program did on the JVM what the kernel would have refused: a load without a bound check, a packet pointer
 * used after a helper moved the packet, an index out of range. It is a fault of the program, never of its input.
 */
public final class KernelRuleViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A violation.
     *
     * @param message the rule, with the values that broke it
     */
    public KernelRuleViolation(String message) {
        super(message);
    }
}
