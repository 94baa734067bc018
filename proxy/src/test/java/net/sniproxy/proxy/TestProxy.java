package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionEvent.Routed;
import net.sniproxy.proxy.transport.Transport;

/** A proxy on a free port of 127.0.0.1 with a configuration written as JSON, single quotes for double ones. */
final class TestProxy implements AutoCloseable {
    /** Longer than anything takes, on a machine with other work to do. */
    static final int PATIENCE_MILLIS = 60_000;

    private final SniProxy proxy;
    private final int port;
    private final BlockingQueue<Closed> closed;
    private final Semaphore routed;

    private TestProxy(SniProxy proxy, BlockingQueue<Closed> closed, Semaphore routed) {
        this.proxy = proxy;
        this.port = proxy.addresses().getFirst().getPort();
        this.closed = closed;
        this.routed = routed;
    }

    static TestProxy start(String json) throws StartException {
        return start(Transport.best(), json);
    }

    static TestProxy start(Transport transport, String json) throws StartException {
        return start(transport, DataPaths.relayOnly(""), json);
    }

    static TestProxy start(Transport transport, DataPaths paths, String json) throws StartException {
        var closed = new LinkedBlockingQueue<Closed>();
        var routed = new Semaphore(0);
        return new TestProxy(
                SniProxy.start(
                        transport,
                        config("'listen_addr': '127.0.0.1:0', " + json),
                        () -> paths,
                        List.of(event -> remember(event, closed, routed))),
                closed,
                routed);
    }

    private static void remember(ConnectionEvent event, BlockingQueue<Closed> closed, Semaphore routed) {
        if (event instanceof Closed end) {
            closed.add(end);
        } else if (event instanceof Routed) {
            routed.release();
        }
    }

    static Config config(String json) {
        try {
            return ConfigLoader.parse("{" + json.replace('\'', '"') + "}", Map.of());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The rest of the configuration stays as it is given here; the listener stays. */
    void reload(String json) throws StartException {
        proxy.reload(config("'listen_addr': '127.0.0.1:" + port + "', " + json));
    }

    SniProxy proxy() {
        return proxy;
    }

    int port() {
        return port;
    }

    Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    Socket connect(String host) throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(host, port()), PATIENCE_MILLIS);
        return socket;
    }

    /** Waits until another connection has chosen its target: to be called for each, or none, of those that come before. */
    void awaitTarget() throws InterruptedException {
        assertThat(routed.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .as("a connection is routed")
                .isTrue();
    }

    /** The next connection that ends, waited for. */
    Closed nextClosed() throws InterruptedException {
        Closed end = closed.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(end).as("a connection ends within %d ms", PATIENCE_MILLIS).isNotNull();
        return end;
    }

    @Override
    public void close() {
        proxy.close();
    }
}
