package net.sniproxy.proxy.filter.xdp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.sniproxy.kernel.Endpoint;
import net.sniproxy.kernel.FilterSample;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.kernel.Ipv6Prefix;
import net.sniproxy.kernel.SourceKey;
import net.sniproxy.proxy.filter.Cidr;

/** Turns addresses into the keys of kernel maps: words in network order as they lie in memory. */
final class AddressWords {
    private static final int ADDRESS_BYTES = 16;

    private AddressWords() {}

    static int ipv4(InetAddress address) {
        return words(address).getInt(0);
    }

    static Ipv4Prefix ipv4(Cidr block) {
        return new Ipv4Prefix(block.prefix(), ipv4(block.network()));
    }

    static Ipv6Prefix ipv6(Cidr block) {
        ByteBuffer words = words(block.network());
        return new Ipv6Prefix(block.prefix(), words.getInt(0), words.getInt(4), words.getInt(8), words.getInt(12));
    }

    static long source(InetAddress address) {
        ByteBuffer words = words(address);
        return address instanceof Inet4Address
                ? SourceKey.ipv4(words.getInt(0))
                : SourceKey.ipv6(words.getInt(0), words.getInt(4));
    }

    static Endpoint endpoint(InetSocketAddress end) {
        InetAddress address = end.getAddress();
        ByteBuffer words = words(address);
        return address instanceof Inet4Address
                ? Endpoint.ipv4(words.getInt(0), end.getPort())
                : new Endpoint(words.getInt(0), words.getInt(4), words.getInt(8), words.getInt(12), end.getPort());
    }

    /** The source of a sample; mapped IPv4 becomes IPv4 again. */
    static InetAddress source(FilterSample sample) {
        ByteBuffer bytes = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        bytes.putInt(sample.word0())
                .putInt(sample.word1())
                .putInt(sample.word2())
                .putInt(sample.word3());
        try {
            return InetAddress.getByAddress(bytes.array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }

    private static ByteBuffer words(InetAddress address) {
        return ByteBuffer.wrap(address.getAddress()).order(ByteOrder.nativeOrder());
    }
}
