package net.sniproxy.proxy.filter.xdp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.Cidr;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sources that are denied for a time for what they did ({@code DENIED_SOURCES}): every generation of the lists has the same.
 * The program looks at them once there has been one. Thread-safe.
 */
final class DeniedSources {
    private static final Logger LOG = LoggerFactory.getLogger(DeniedSources.class);

    private final TypedMap<Long, Long> untilBySource;
    private final Runnable onFirst;
    private volatile Duration time;
    private volatile boolean any;

    /**
     * @param time for how long a source is denied
     * @param onFirst makes the program look at them; on a thread of its own, and possibly more than once
     */
    DeniedSources(LoadedObject filter, Duration time, Runnable onFirst) {
        this.untilBySource = TypedMap.of(filter.map("DENIED_SOURCES"), Codec.u64(), Codec.u64());
        this.time = time;
        this.onFirst = onFirst;
    }

    /** From now on sources are denied for so long. */
    void time(Duration next) {
        time = next;
    }

    /** Whether there has been one. */
    boolean any() {
        return any;
    }

    /** Denies a source; for an event loop. */
    void deny(InetAddress source, Ending last) {
        Duration length = time;
        untilBySource.update(AddressWords.source(source), System.nanoTime() + length.toNanos());
        if (!any) {
            any = true;
            // Off the event loop: a change of lists may hold the lock for as long as the kernel takes to load them.
            Thread.startVirtualThread(onFirst);
        }
        LOG.info(
                "source filter: {} is denied for {} s, at last for {}",
                source.getHostAddress(),
                length.toSeconds(),
                last.label());
    }

    /** Lets these in again; returns those that were denied. */
    Set<Cidr> remove(List<Cidr> blocks) {
        if (!any) {
            return Set.of();
        }
        return blocks.stream()
                .filter(block -> untilBySource.delete(AddressWords.source(block.network())))
                .collect(Collectors.toSet());
    }

    /** For how long a source is still denied; empty if it is not. */
    Optional<Duration> left(InetAddress source) {
        return untilBySource
                .lookup(AddressWords.source(source))
                .map(until -> Duration.ofNanos(until - System.nanoTime()))
                .filter(Duration::isPositive);
    }
}
