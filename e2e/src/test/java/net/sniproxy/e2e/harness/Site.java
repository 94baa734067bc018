package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;

/** Where the proxy and its peers stand in the network. Raw peers are plain objects of the test wherever they stand. */
public interface Site extends AutoCloseable {
    /** Where the proxy listens and clients connect. */
    InetAddress proxyAddress();

    /** Where back ends listen and the proxy connects. */
    InetAddress backEndAddress();

    /** What a command line starts with to run in the proxy's place. */
    List<String> prefix();

    /** Runs what opens sockets or starts processes as a client; by default where the test runs. */
    default <T> T amongClients(Callable<T> work) {
        return called(work);
    }

    /** Runs what opens sockets or starts processes as a back end; by default where the test runs. */
    default <T> T amongBackEnds(Callable<T> work) {
        return called(work);
    }

    private static <T> T called(Callable<T> work) {
        try {
            return work.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

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
