package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.util.List;

/**
 * Where the proxy and its peers stand in the network. Clients and back ends are always in the namespace of the tests; only
 * the proxy moves, so that every raw peer stays a plain object of the test.
 */
public interface Site extends AutoCloseable {
    /** Where the proxy listens and clients connect. */
    InetAddress proxyAddress();

    /** Where back ends listen and the proxy connects. */
    InetAddress backEndAddress();

    /** What a command line starts with to run in the proxy's place. */
    List<String> prefix();

    @Override
    void close();

    /** Everything on 127.0.0.1. */
    static Site loopback() {
        return new Loopback(InetAddress.ofLiteral("127.0.0.1"));
    }

    /** Everything on ::1. */
    static Site loopbackIpv6() {
        return new Loopback(InetAddress.ofLiteral("::1"));
    }

    /** See {@link Site#loopback()}. */
    record Loopback(InetAddress address) implements Site {
        @Override
        public InetAddress proxyAddress() {
            return address;
        }

        @Override
        public InetAddress backEndAddress() {
            return address;
        }

        @Override
        public List<String> prefix() {
            return List.of();
        }

        @Override
        public void close() {
            // Nothing was made.
        }
    }
}
