package net.sniproxy.proxy.filter;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Any number of address blocks, IPv4 and IPv6, looked up in logarithmic time. Immutable and thread-safe.
 *
 * <p>Kept as ranges that do not overlap, in the order of their first addresses. IPv4 ranges come first, so that the two
 * families never mix.
 */
public final class CidrSet {
    private static final CidrSet EMPTY = new CidrSet(List.of());

    private final byte[][] firsts;
    private final byte[][] lasts;

    private CidrSet(List<Range> ranges) {
        firsts = ranges.stream().map(Range::first).toArray(byte[][]::new);
        lasts = ranges.stream().map(Range::last).toArray(byte[][]::new);
    }

    private record Range(byte[] first, byte[] last) {}

    /** The set of all addresses in the blocks, which may overlap. */
    public static CidrSet of(Collection<Cidr> blocks) {
        if (blocks.isEmpty()) {
            return EMPTY;
        }
        List<Range> ranges = new ArrayList<>();
        blocks.stream()
                .map(block ->
                        new Range(block.network().getAddress(), block.last().getAddress()))
                // Of blocks with the same beginning the largest comes first.
                .sorted(Comparator.comparing(Range::first, CidrSet::compare)
                        .thenComparing(Range::last, (a, b) -> compare(b, a)))
                .forEach(range -> merge(ranges, range));
        return new CidrSet(ranges);
    }

    /** Whether no address is in it. What that means is the caller's business: it is never "every address" here. */
    public boolean isEmpty() {
        return firsts.length == 0;
    }

    /** Whether a block holds the address; the JDK has IPv4 addresses mapped into IPv6 as IPv4 addresses already. */
    public boolean contains(InetAddress address) {
        byte[] wanted = address.getAddress();
        int at = Arrays.binarySearch(firsts, wanted, CidrSet::compare);
        int range = at >= 0 ? at : -at - 2;
        return range >= 0 && compare(wanted, lasts[range]) <= 0;
    }

    /** Puts a range behind others that begin no later. Blocks that overlap contain each other: then it adds nothing. */
    private static void merge(List<Range> ranges, Range next) {
        if (ranges.isEmpty() || compare(next.first(), ranges.getLast().last()) > 0) {
            ranges.add(next);
        }
    }

    private static int compare(byte[] a, byte[] b) {
        return a.length != b.length ? Integer.compare(a.length, b.length) : Arrays.compareUnsigned(a, b);
    }
}
