package net.sniproxy.proxy.filter;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one client: an IPv4 address, or an IPv6 network of 64 bits, because that is the least that one customer of
 * an access provider has.
 *
 * @param bits the address or the network, big-endian
 */
record Source(boolean ipv6, long bits) {
    static Source of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == Integer.BYTES
                ? new Source(false, Integer.toUnsignedLong(bytes.getInt()))
                : new Source(true, bytes.getLong());
    }
}
