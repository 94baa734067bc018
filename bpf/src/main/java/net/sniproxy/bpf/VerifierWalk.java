package net.sniproxy.bpf;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the verifier went, and what it knew there: its log of {@link net.sniproxy.bpf.program.VerifierLog#FULL}, by instruction.
 *
 * @param visits by the slot of the instruction in the whole program
 */
public record VerifierWalk(Map<Integer, Visits> visits) {
    /** {@code 12: (69) r1 = *(u16 *)(r0 +12)   ; R0=pkt(r=14) R1_w=scalar()}; the states are what has changed. */
    private static final Pattern STEP = Pattern.compile("(\\d+): \\([0-9a-f]{2}\\) [^;]*(?:; (.*))?");

    /**
     * The visits of one instruction.
     *
     * @param count how many there were, on all paths
     * @param states what the verifier knew after the first one of what the instruction uses or sets
     */
    public record Visits(int count, List<RegisterState> states) {
        private Visits another() {
            return new Visits(count + 1, states);
        }
    }

    public VerifierWalk {
        visits = Map.copyOf(visits);
    }

    /** Reads a log. What is no step is passed over. */
    public static VerifierWalk of(String log) {
        Map<Integer, Visits> visits = new TreeMap<>();
        log.lines().map(STEP::matcher).filter(Matcher::matches).forEach(step -> {
            int slot = Integer.parseInt(step.group(1));
            Visits known = visits.get(slot);
            if (known != null) {
                visits.put(slot, known.another());
            } else {
                String states = step.group(2);
                visits.put(slot, new Visits(1, states == null ? List.of() : RegisterState.in(states)));
            }
        });
        return new VerifierWalk(visits);
    }
}
