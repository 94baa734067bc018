package net.sniproxy.proxy.filter.xdp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.proxy.filter.Cidr;

/**
 * What the source filter says of a source.
 *
 * @param passes whether its packets pass
 * @param reason why, in words
 */
public record SourceVerdict(boolean passes, String reason) {
    /** By the lists, and by what the source has brought upon itself: denied for how much longer. */
    static SourceVerdict of(InetAddress source, FilterRules rules, Optional<Duration> deniedFor, long now) {
        Optional<Cidr> allowed =
                blocksAround(source).filter(rules.allow()::contains).reduce((wider, narrower) -> narrower);
        if (allowed.isPresent()) {
            return new SourceVerdict(true, "allowed by " + allowed.get());
        }
        Map<Cidr, Long> denying = rules.at(now).deny();
        Optional<SourceVerdict> denied = blocksAround(source)
                .flatMap(block -> Optional.ofNullable(denying.get(block)).stream()
                        .map(until -> new SourceVerdict(false, "denied by " + block + end(until, now))))
                .findFirst();
        if (denied.isPresent()) {
            return denied.get();
        }
        if (!rules.allow().isEmpty()) {
            return new SourceVerdict(false, "there is an allow list, and it is not on it");
        }
        return deniedFor
                .map(time -> new SourceVerdict(false, "misbehaved: denied for another " + time.toSeconds() + " s"))
                .orElseGet(() -> new SourceVerdict(true, "no rule is for it"));
    }

    private static Stream<Cidr> blocksAround(InetAddress source) {
        int bits = source.getAddress().length * Byte.SIZE;
        return IntStream.rangeClosed(0, bits).mapToObj(length -> new Cidr(source, length));
    }

    private static String end(long until, long now) {
        return until == FilterMaps.FOR_GOOD
                ? ""
                : " for another " + Duration.ofNanos(until - now).toSeconds() + " s";
    }
}
