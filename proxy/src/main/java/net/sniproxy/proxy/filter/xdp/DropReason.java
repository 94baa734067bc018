package net.sniproxy.proxy.filter.xdp;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import net.sniproxy.kernel.TrafficCounter;

/** Why the kernel has dropped a frame. */
public enum DropReason {
    /** An allow list is in force and the source is not on it. */
    NOT_ALLOWED(TrafficCounter.FILTER_NOT_ALLOWED),
    /** Headers are cut off or contradict themselves. */
    MALFORMED(TrafficCounter.FILTER_MALFORMED),
    /** The source is on the deny list. */
    DENIED(TrafficCounter.FILTER_DENIED),
    /** The source is denied for a time because of what it did. */
    DENIED_FOR_A_TIME(TrafficCounter.FILTER_DENIED_FOR_A_TIME),
    /** The source opens more connections than {@code syn_rate_per_source}. */
    SYN_RATE(TrafficCounter.FILTER_SYN_RATE);

    private final int counter;
    private final String label = name().toLowerCase(Locale.ROOT);

    DropReason(int counter) {
        this.counter = counter;
    }

    /** The name in logs and answers: lower case with underscores. */
    public String label() {
        return label;
    }

    /** The index that the kernel counts it at. */
    public int counter() {
        return counter;
    }

    static Optional<DropReason> of(int counter) {
        return Arrays.stream(values())
                .filter(reason -> reason.counter == counter)
                .findFirst();
    }
}
