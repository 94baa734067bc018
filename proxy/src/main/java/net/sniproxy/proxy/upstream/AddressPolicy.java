package net.sniproxy.proxy.upstream;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which addresses the proxy connects to. Immutable and thread-safe, except that the proxy's own addresses are asked for each time.
 *
 * @param denyPrivate whether names may not resolve to special-purpose addresses
 * @param self whether a connection to this address would come back to the proxy
 */
public record AddressPolicy(boolean denyPrivate, Predicate<InetSocketAddress> self) {
    /**
     * Why a connection to the address is refused; empty if it is allowed.
     *
     * @param named whether the address is the answer to a name; one that the configuration itself gives may be private
     */
    public Optional<String> refusal(InetSocketAddress address, boolean named) {
        if (named && denyPrivate && SpecialPurpose.contains(address.getAddress())) {
            return Optional.of(address.getAddress().getHostAddress() + " is not a public address");
        }
        if (self.test(address)) {
            return Optional.of(address.getAddress().getHostAddress() + ":" + address.getPort() + " is this proxy");
        }
        return Optional.empty();
    }
}
