package net.sniproxy.proxy.filter;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A block of addresses.
 *
 * @param network its first address: no bit behind the prefix is set
 * @param prefix the number of leading bits that are fixed, 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefix) {
    /** The JDK also takes 10.1 and 0x0a000001, which others read differently. */
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");
    private static final int MAPPED_BITS = 96;

    public Cidr {
        int bits = network.getAddress().length * 8;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException(
                    network.getHostAddress() + "/" + prefix + ": the prefix length is not 0 to " + bits);
        }
        network = masked(network, prefix);
    }

    /**
     * {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or a single address. Bits behind the prefix are cleared. IPv4 written as
     * IPv6 ({@code ::ffff:10.0.0.0/104}) becomes IPv4.
     *
     * @throws IllegalArgumentException with a message that says what is wrong with the text
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = address(literal);
        int bits = address.getAddress().length * 8;
        if (slash < 0) {
            return new Cidr(address, bits);
        }
        String digits = text.substring(slash + 1);
        if (!PREFIX.matcher(digits).matches()) {
            throw new IllegalArgumentException(text + ": prefix length \"" + digits + "\" is no number");
        }
        int prefix = Integer.parseInt(digits);
        boolean mapped = literal.indexOf(':') >= 0 && address instanceof Inet4Address;
        if (mapped && prefix < MAPPED_BITS) {
            throw new IllegalArgumentException(
                    text + ": a block of mapped addresses needs a prefix length from 96 to 128");
        }
        return new Cidr(address, mapped ? prefix - MAPPED_BITS : prefix);
    }

    /**
     * An IP address literal; IPv4 mapped into IPv6 becomes IPv4. Never asks a name server.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static InetAddress address(String literal) {
        if (!IPV4.matcher(literal).matches() && !IPV6.matcher(literal).matches()) {
            throw new IllegalArgumentException("\"" + literal + "\" is no IP address");
        }
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + literal + "\" is no IP address", e);
        }
    }

    /** The last address of the block. */
    InetAddress last() {
        byte[] bytes = network.getAddress();
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return of(bytes);
    }

    /** As people write it: {@code 2001:db8::/32} (RFC 5952). */
    @Override
    public String toString() {
        return NetUtil.toAddressString(network) + "/" + prefix;
    }

    private static InetAddress masked(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return of(bytes);
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
