package net.sniproxy.proxy.upstream;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.stream.Stream;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.filter.CidrSet;

/**
 * Addresses that are not on the public Internet: IANA's special-purpose registries (RFC 6890 and its successors), multicast, and
 * IPv6 addresses that carry such an IPv4 address.
 */
final class SpecialPurpose {
    private static final CidrSet BLOCKS = CidrSet.of(Stream.of(
                    "0.0.0.0/8", // this network
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // shared by carrier-grade NAT
                    "127.0.0.0/8", // loopback
                    "169.254.0.0/16", // link-local
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments
                    "192.0.2.0/24", // documentation
                    "192.88.99.0/24", // 6to4 relay, deprecated
                    "192.168.0.0/16", // private
                    "198.18.0.0/15", // benchmarking
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4", // reserved and broadcast
                    "::/128", // unspecified
                    "::1/128", // loopback
                    "64:ff9b:1::/48", // NAT64 of a local network
                    "100::/64", // discard
                    "2001::/23", // protocol assignments, Teredo among them
                    "2001:db8::/32", // documentation
                    "3fff::/20", // documentation
                    "5f00::/16", // segment routing
                    "fc00::/7", // unique local
                    "fe80::/10", // link-local
                    "fec0::/10", // site-local, deprecated
                    "ff00::/8") // multicast
            .map(Cidr::parse)
            .toList());

    private static final CidrSet NAT64 =
            CidrSet.of(Stream.of(Cidr.parse("64:ff9b::/96")).toList());
    private static final CidrSet SIX_TO_FOUR =
            CidrSet.of(Stream.of(Cidr.parse("2002::/16")).toList());
    private static final CidrSet V4_COMPATIBLE =
            CidrSet.of(Stream.of(Cidr.parse("::/96")).toList());

    private SpecialPurpose() {}

    static boolean contains(InetAddress address) {
        if (BLOCKS.contains(address)) {
            return true;
        }
        if (!(address instanceof Inet6Address)) {
            return false;
        }
        if (NAT64.contains(address) || V4_COMPATIBLE.contains(address)) {
            return BLOCKS.contains(embedded(address, 12));
        }
        return SIX_TO_FOUR.contains(address) && BLOCKS.contains(embedded(address, 2));
    }

    private static InetAddress embedded(InetAddress address, int offset) {
        return Addresses.of(Arrays.copyOfRange(address.getAddress(), offset, offset + 4));
    }
}
