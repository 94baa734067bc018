package net.sniproxy.kernel;

import java.util.HashMap;
import java.util.Map;

/**
 * What a configuration switches on or off when the programs are compiled: what is off leaves no instruction. The values here
 * are the usual ones; boxed, because {@code javac} would put bare constants in their place.
 */
public final class Variant {
    /** Whether programs count what they forward. */
    static final boolean COUNTING = Boolean.valueOf(true);
    /** Whether programs tell {@code trace_pipe} what they decide. */
    static final boolean TRACING = Boolean.valueOf(false);

    private Variant() {}

    /**
     * The constants that differ from the usual ones, for the compiler.
     *
     * @param counting see {@code ebpf.stats.enabled}
     * @param tracing see {@code ebpf.trace}
     */
    public static Map<String, Long> constants(boolean counting, boolean tracing) {
        Map<String, Long> constants = new HashMap<>();
        if (counting != COUNTING) {
            constants.put(Variant.class.getName() + ".COUNTING", counting ? 1L : 0L);
        }
        if (tracing != TRACING) {
            constants.put(Variant.class.getName() + ".TRACING", tracing ? 1L : 0L);
        }
        return constants;
    }
}
