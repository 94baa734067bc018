package net.sniproxy.proxy.filter.xdp;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.kernel.Ipv6Prefix;
import net.sniproxy.proxy.filter.Cidr;

/**
 * The lists as the kernel keeps them. It takes the rule with the longest prefix, so what must not win is left out:
 *
 * <ul>
 *   <li>a denied block within an allowed one, because allow wins
 *   <li>a denied block within another one that lasts as long: once over, it would hide the other one
 * </ul>
 */
final class RuleTables {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private static final int IPV4_BYTES = 4;
    private static final byte LISTED = 1;

    private final Map<Integer, U8> whitelist = new HashMap<>();
    private final Map<Integer, Long> hosts = new HashMap<>();
    private final Map<Ipv4Prefix, Long> ipv4 = new HashMap<>();
    private final Map<Ipv6Prefix, Long> ipv6 = new HashMap<>();

    private RuleTables() {}

    static RuleTables of(FilterRules rules) {
        RuleTables tables = new RuleTables();
        rules.allow().forEach(tables::allow);
        Ancestors allowing = new Ancestors(rules.allow());
        Ancestors denying = new Ancestors(rules.deny().keySet());
        rules.deny().forEach((block, until) -> {
            boolean covered = allowing.any(block, true, rules.allow()::contains);
            boolean redundant = until != FilterMaps.FOR_GOOD
                    && denying.any(block, false, wider -> {
                        Long its = rules.deny().get(wider);
                        return its != null && Long.compareUnsigned(its, until) >= 0;
                    });
            if (!covered && !redundant) {
                tables.deny(block, until);
            }
        });
        return tables;
    }

    /** Single allowed IPv4 sources. */
    Map<Integer, U8> whitelist() {
        return whitelist;
    }

    /** Single denied IPv4 sources, until when. */
    Map<Integer, Long> hosts() {
        return hosts;
    }

    /** Blocks of IPv4 sources: the value of the rule. */
    Map<Ipv4Prefix, Long> ipv4() {
        return ipv4;
    }

    /** Blocks of IPv6 sources: the value of the rule. */
    Map<Ipv6Prefix, Long> ipv6() {
        return ipv6;
    }

    private void allow(Cidr block) {
        if (isIpv4(block) && block.prefix() == IPV4_BITS) {
            whitelist.put(AddressWords.ipv4(block.network()), new U8(LISTED));
        } else {
            putBlock(block, FilterMaps.ALLOWED);
        }
    }

    private void deny(Cidr block, long until) {
        if (isIpv4(block) && block.prefix() == IPV4_BITS) {
            hosts.put(AddressWords.ipv4(block.network()), until);
        } else {
            putBlock(block, until);
        }
    }

    private void putBlock(Cidr block, long value) {
        if (isIpv4(block)) {
            ipv4.put(AddressWords.ipv4(block), value);
        } else {
            ipv6.put(AddressWords.ipv6(block), value);
        }
    }

    private static boolean isIpv4(Cidr block) {
        return block.network().getAddress().length == IPV4_BYTES;
    }

    /** Asks about the blocks around a block; only prefix lengths that occur are tried. */
    private static final class Ancestors {
        private final boolean[] ipv4 = new boolean[IPV4_BITS + 1];
        private final boolean[] ipv6 = new boolean[IPV6_BITS + 1];

        Ancestors(Collection<Cidr> blocks) {
            blocks.forEach(block -> (isIpv4(block) ? ipv4 : ipv6)[block.prefix()] = true);
        }

        boolean any(Cidr block, boolean itself, Predicate<Cidr> asked) {
            boolean[] lengths = Arrays.copyOf(isIpv4(block) ? ipv4 : ipv6, block.prefix() + (itself ? 1 : 0));
            for (int length = 0; length < lengths.length; length++) {
                if (lengths[length] && asked.test(new Cidr(block.network(), length))) {
                    return true;
                }
            }
            return false;
        }
    }
}
