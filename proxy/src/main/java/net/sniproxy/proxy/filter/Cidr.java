package net.sniproxy.proxy.filter;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A block of addresses.
 *
 * @param network its first address: no bit behind the prefix is set
 * @param prefix the number of leading bits that are fixed, 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefix) {
    /**
     * {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or a single address. IPv4 written as IPv6 ({@code ::ffff:10.0.0.0/104})
     * becomes IPv4.
     *
     * @throws IllegalArgumentException with a message that says what is wrong with the text
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = address instanceof Inet4Address ? 32 : 128;
        return new Cidr(address, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
