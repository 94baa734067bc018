package net.sniproxy.kernel;

import java.util.Arrays;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * The first address of a name.
 *
 * @param ipType 4 or 6
 * @param ipv4 the IPv4 address in network order, zero for IPv6
 * @param ipv6 the IPv6 address in network order, zero for IPv4
 * @param timestamp when it was resolved, nanoseconds on the kernel's monotonic clock
 * @param ttl seconds that the answer holds
 */
@Struct("DnsRecord")
public record DnsRecord(
        @Unsigned byte ipType,
        @Unsigned @Length(4) byte[] ipv4,
        @Unsigned @Length(16) byte[] ipv6,
        @Unsigned long timestamp,
        @Unsigned int ttl) {

    @Override
    public boolean equals(Object other) {
        return other instanceof DnsRecord that
                && ipType == that.ipType
                && Arrays.equals(ipv4, that.ipv4)
                && Arrays.equals(ipv6, that.ipv6)
                && timestamp == that.timestamp
                && ttl == that.ttl;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ipv6) * 31 + Arrays.hashCode(ipv4);
    }
}
