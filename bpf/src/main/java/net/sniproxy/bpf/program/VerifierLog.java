package net.sniproxy.bpf.program;

/** How much the verifier is to write about a program. */
public enum VerifierLog {
    /** Nothing unless it rejects the program; then the path to the error. The default, and the fastest. */
    ON_REJECTION(0),
    /** Only how much it had to do: instructions processed, states, stack depth. */
    STATISTICS(4),
    /** The path to the error, or nothing but the statistics. */
    BRIEF(1 | 4),
    /** Every instruction on every path, with the state of the registers. */
    FULL(2 | 4);

    private final int level;

    VerifierLog(int level) {
        this.level = level;
    }

    int level() {
        return level;
    }
}
