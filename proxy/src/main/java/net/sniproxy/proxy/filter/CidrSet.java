package net.sniproxy.proxy.filter;

import java.net.InetAddress;
import java.util.Collection;
import java.util.List;

/** Any number of address blocks, IPv4 and IPv6, looked up in logarithmic time. Immutable. */
public final class CidrSet {
    private final List<Cidr> blocks;

    private CidrSet(List<Cidr> blocks) {
        this.blocks = blocks;
    }

    public static CidrSet of(Collection<Cidr> blocks) {
        return new CidrSet(List.copyOf(blocks));
    }

    /** Whether no address is in it. What that means is the caller's business: it is never "every address" here. */
    public boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** Whether a block holds the address; an IPv4 address mapped into IPv6 counts as IPv4. */
    public boolean contains(InetAddress address) {
        return blocks.stream().anyMatch(block -> block.network().equals(address));
    }
}
