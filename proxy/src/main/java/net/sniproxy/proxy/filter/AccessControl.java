package net.sniproxy.proxy.filter;

import java.net.InetAddress;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import net.sniproxy.proxy.filter.Admission.Admitted;
import net.sniproxy.proxy.filter.Admission.Denied;
import net.sniproxy.proxy.filter.Admission.Permit;
import net.sniproxy.proxy.filter.Admission.Reason;

/**
 * Decides whether a source may open one more connection. Thread-safe; its memory is bounded by the connections that are
 * open and a fixed number of sources remembered for their rate. For the limits by source, an IPv6 network of 64 bits is
 * one source.
 */
public final class AccessControl {
    /** About 8 MiB. */
    private static final int MOST_SOURCES = 65_536;

    private final LongSupplier nanoTime;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<Source, Integer> openBySource = new ConcurrentHashMap<>();
    private final SourceRates rates = new SourceRates(MOST_SOURCES);
    private volatile AccessLimits limits;

    /**
     * @param nanoTime a clock like {@link System#nanoTime}
     */
    public AccessControl(AccessLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** Decides by other limits from now on; connections that are open stay counted. */
    public void limits(AccessLimits limits) {
        this.limits = limits;
    }

    /** Whether a source is let in at all, however many connections it has. */
    public boolean allowed(InetAddress address) {
        CidrSet allowed = limits.allowed();
        return allowed.isEmpty() || allowed.contains(address);
    }

    /** Asks for one more connection from a source. */
    public Admission admit(InetAddress address) {
        if (!allowed(address)) {
            return new Denied(Reason.NOT_ALLOWED);
        }
        AccessLimits now = limits;
        Source source = Source.of(address);
        if (exceeds(open.incrementAndGet(), now.connections())) {
            open.decrementAndGet();
            return new Denied(Reason.TOO_MANY_CONNECTIONS);
        }
        Permit permit = new OpenPermit(source);
        if (exceeds(openBySource.merge(source, 1, Integer::sum), now.connectionsPerIp())) {
            permit.close();
            return new Denied(Reason.TOO_MANY_FROM_SOURCE);
        }
        OptionalInt perSecond = now.connectionsPerSecondPerIp();
        if (perSecond.isPresent() && !rates.admit(source, perSecond.getAsInt(), nanoTime.getAsLong())) {
            permit.close();
            return new Denied(Reason.TOO_FAST_FROM_SOURCE);
        }
        return new Admitted(permit);
    }

    /** Counts a connection that was let in by another process, whatever the limits. */
    public Permit count(InetAddress address) {
        Source source = Source.of(address);
        open.incrementAndGet();
        openBySource.merge(source, 1, Integer::sum);
        return new OpenPermit(source);
    }

    /** How many connections hold a permit now. */
    public int open() {
        return open.get();
    }

    /** How many sources hold a permit now. */
    public int sources() {
        return openBySource.size();
    }

    private static boolean exceeds(int count, OptionalInt limit) {
        return limit.isPresent() && count > limit.getAsInt();
    }

    private final class OpenPermit implements Permit {
        private final Source source;
        private final AtomicBoolean closed = new AtomicBoolean();

        OpenPermit(Source source) {
            this.source = source;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                openBySource.computeIfPresent(source, (_, count) -> count == 1 ? null : count - 1);
                open.decrementAndGet();
            }
        }
    }
}
