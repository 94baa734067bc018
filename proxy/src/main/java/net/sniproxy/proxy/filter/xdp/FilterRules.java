package net.sniproxy.proxy.filter.xdp;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.proxy.filter.Cidr;

/**
 * The lists of the source filter. Where both hold a source, allow wins. Immutable; each change copies.
 *
 * @param allow if not empty, the only sources let in
 * @param deny sources that are dropped, and until when: nanoseconds of {@link System#nanoTime()}, which on Linux is the
 *     clock that kernel programs read, or {@link FilterMaps#FOR_GOOD}
 */
record FilterRules(Set<Cidr> allow, Map<Cidr, Long> deny) {
    FilterRules {
        // Views instead of copies: every method here hands over maps of its own, and a copy of a million takes a
        // second.
        allow = Collections.unmodifiableSet(allow);
        deny = Collections.unmodifiableMap(deny);
    }

    static FilterRules of(Collection<Cidr> allow, Collection<Cidr> deny) {
        Map<Cidr, Long> denied = HashMap.newHashMap(deny.size());
        deny.forEach(block -> denied.put(block, FilterMaps.FOR_GOOD));
        return new FilterRules(new HashSet<>(allow), denied);
    }

    /** The blocks of both; where both deny a block, the later end counts. */
    FilterRules plus(FilterRules other) {
        if (other.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        Map<Cidr, Long> denied = new HashMap<>(deny);
        other.deny.forEach((block, until) -> denied.merge(block, until, FilterRules::later));
        Set<Cidr> allowed = new HashSet<>(allow);
        allowed.addAll(other.allow);
        return new FilterRules(allowed, denied);
    }

    private boolean isEmpty() {
        return allow.isEmpty() && deny.isEmpty();
    }

    FilterRules withAllowed(Collection<Cidr> blocks) {
        return plus(of(blocks, Set.of()));
    }

    FilterRules withoutAllowed(Collection<Cidr> blocks) {
        Set<Cidr> allowed = new HashSet<>(allow);
        blocks.forEach(allowed::remove);
        return new FilterRules(allowed, deny);
    }

    /** The blocks denied until then, whatever was said of them before. */
    FilterRules withDenied(Collection<Cidr> blocks, long until) {
        Map<Cidr, Long> denied = new HashMap<>(deny);
        blocks.forEach(block -> denied.put(block, until));
        return new FilterRules(allow, denied);
    }

    FilterRules withoutDenied(Collection<Cidr> blocks) {
        Map<Cidr, Long> denied = new HashMap<>(deny);
        blocks.forEach(denied::remove);
        return new FilterRules(allow, denied);
    }

    /** Without what was over at that moment. */
    FilterRules at(long now) {
        if (deny.values().stream().noneMatch(until -> isOver(until, now))) {
            return this;
        }
        Map<Cidr, Long> denied = new HashMap<>(deny);
        denied.values().removeIf(until -> isOver(until, now));
        return new FilterRules(allow, denied);
    }

    private static boolean isOver(long until, long now) {
        return until != FilterMaps.FOR_GOOD && until - now <= 0;
    }

    /** The later of two ends: the largest number without sign is {@link FilterMaps#FOR_GOOD}. */
    static long later(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }
}
