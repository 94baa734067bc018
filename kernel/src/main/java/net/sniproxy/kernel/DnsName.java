package net.sniproxy.kernel;

import java.util.Arrays;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * What {@link DnsRecord} has no place for. Both belong together if their timestamps are equal.
 *
 * @param timestamp as in the record
 * @param nameLength bytes of the name
 * @param addresses how many addresses there are, the record's included; 0 when the name has none
 * @param name in lower case, without the last dot, in ASCII; zero behind
 * @param bytes the addresses one behind the other, 4 or 16 bytes each, in network order
 */
@Struct("DnsName")
public record DnsName(
        @Unsigned long timestamp,
        @Unsigned byte nameLength,
        @Unsigned byte addresses,
        @Unsigned @Length(NAME_BYTES) byte[] name,
        @Unsigned @Length(ADDRESS_BYTES) byte[] bytes) {
    /** Place for a name. */
    public static final int NAME_BYTES = 254;
    /** Place for 16 IPv6 addresses. */
    public static final int ADDRESS_BYTES = 256;

    @Override
    public boolean equals(Object other) {
        return other instanceof DnsName that
                && timestamp == that.timestamp
                && nameLength == that.nameLength
                && addresses == that.addresses
                && Arrays.equals(name, that.name)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(name) * 31 + Long.hashCode(timestamp);
    }
}
