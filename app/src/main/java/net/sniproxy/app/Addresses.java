package net.sniproxy.app;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;

/** Socket addresses as text. */
final class Addresses {
    private Addresses() {}

    /** {@code 127.0.0.1:8443} or {@code [::1]:8443}. */
    static String text(InetSocketAddress address) {
        return NetUtil.toSocketAddressString(address);
    }

    /** {@code 127.0.0.1:8443, [::1]:8443}. */
    static String list(List<InetSocketAddress> addresses) {
        return addresses.stream().map(Addresses::text).collect(Collectors.joining(", "));
    }
}
