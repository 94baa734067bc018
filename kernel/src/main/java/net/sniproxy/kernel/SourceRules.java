package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import org.jspecify.annotations.Nullable;

/** What the lists say of a source. */
final class SourceRules {
    /** No rule is for it. */
    static final int NONE = 0;
    /** A rule allows it. */
    static final int ALLOWED = 1;
    /** A rule denies it now. */
    static final int DENIED = 2;

    private static final int LISTED = 1;

    private SourceRules() {}

    /**
     * What the lists say of an IPv4 source.
     *
     * @param source network order as it lies in memory
     * @param inUse the {@link Setting#RULES} that are not empty
     */
    static int ofIpv4(int source, int inUse) {
        if ((inUse & Setting.RULES_WHITELIST) != 0) {
            U8 listed = KernelMaps.IP_WHITELIST.lookup(source);
            if (listed != null && listed.value == LISTED) {
                return ALLOWED;
            }
        }
        if ((inUse & Setting.RULES_HOSTS) != 0 && isInForce(FilterMaps.DENY_HOSTS.lookup(source))) {
            return DENIED;
        }
        if ((inUse & Setting.RULES_IPV4) == 0) {
            return NONE;
        }
        return meaning(FilterMaps.RULES_IPV4.lookup(new Ipv4Prefix(Ipv4Header.ADDRESS_BITS, source)));
    }

    /** What the lists say of an IPv6 source; the header is covered by a check. */
    static int ofIpv6(Packet header, int inUse) {
        if ((inUse & Setting.RULES_IPV6) == 0) {
            return NONE;
        }
        return meaning(FilterMaps.RULES_IPV6.lookup(Ipv6Header.source(header)));
    }

    /** Whether a source has been denied for what it did, and that time is not over. */
    static boolean isDeniedForATime(long source) {
        return isInForce(FilterMaps.DENIED_SOURCES.lookup(source));
    }

    private static int meaning(@Nullable U64 deniedUntil) {
        if (deniedUntil == null) {
            return NONE;
        }
        if (deniedUntil.value == FilterMaps.ALLOWED) {
            return ALLOWED;
        }
        return isInForce(deniedUntil) ? DENIED : NONE;
    }

    private static boolean isInForce(@Nullable U64 deniedUntil) {
        if (deniedUntil == null) {
            return false;
        }
        // Reading the clock costs as much as a look-up: only for those that end.
        return deniedUntil.value == FilterMaps.FOR_GOOD
                || Long.compareUnsigned(Kernel.nanoTime(), deniedUntil.value) < 0;
    }
}
