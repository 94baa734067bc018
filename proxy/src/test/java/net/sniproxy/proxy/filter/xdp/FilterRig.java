package net.sniproxy.proxy.filter.xdp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.filter.Cidr;

/**
 * Two network namespaces joined by a cable: a server at 10.99.0.1 and fd00:99::1 that greets whoever connects to it, and
 * clients at 10.99.0.2 to 10.99.0.4 and fd00:99::2.
 */
final class FilterRig implements AutoCloseable {
    static final String DEVICE = "sx0";
    static final String SERVER = "10.99.0.1";
    static final String SERVER_IPV6 = "fd00:99::1";
    /** Whoever is let in gets an answer within this time, on the slowest machine. */
    private static final int PATIENCE_MILLIS = 60_000;
    /** The answer of whoever is not let in is not waited for longer. */
    private static final int SILENCE_MILLIS = 300;

    private static final int GREETING = 7;

    final NetworkNamespace server = NetworkNamespace.create("filter");
    final NetworkNamespace clients = NetworkNamespace.create("clients");
    final LoadedPrograms programs = new LoadedPrograms(Kernel.running(), CompileOptions.defaults());
    private final ServerSocket listener;

    FilterRig() {
        server.connect(DEVICE, SERVER + "/24", clients, "cx0", "10.99.0.2/24");
        server.ip("addr add " + SERVER_IPV6 + "/64 nodad dev " + DEVICE);
        clients.ip(
                "addr add 10.99.0.3/24 dev cx0",
                "addr add 10.99.0.4/24 dev cx0",
                "addr add fd00:99::2/64 nodad dev cx0");
        listener = server.call(() -> new ServerSocket(0, 1024));
        Thread.ofPlatform().daemon().start(this::greet);
    }

    private void greet() {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept()) {
                client.getOutputStream().write(GREETING);
            } catch (IOException e) {
                // A client that has left, or the end of the test.
            }
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    InetSocketAddress everywhere() {
        return new InetSocketAddress(InetAddress.ofLiteral("::"), port());
    }

    static EbpfConfig.Xdp config(List<String> allow, List<String> deny) {
        return config(allow, deny, EbpfConfig.Scope.PORTS, OptionalInt.empty());
    }

    static EbpfConfig.Xdp config(
            List<String> allow, List<String> deny, EbpfConfig.Scope scope, OptionalInt synRatePerSource) {
        return new EbpfConfig.Xdp(
                true,
                List.of(DEVICE),
                EbpfConfig.XdpMode.AUTO,
                blocks(allow),
                blocks(deny),
                scope,
                synRatePerSource,
                Duration.ofMinutes(1),
                Optional.empty());
    }

    /** Without lists, on one interface. */
    static EbpfConfig.Xdp config(String device, EbpfConfig.XdpMode mode) {
        return new EbpfConfig.Xdp(
                true,
                List.of(device),
                mode,
                List.of(),
                List.of(),
                EbpfConfig.Scope.PORTS,
                OptionalInt.empty(),
                Duration.ofMinutes(1),
                Optional.empty());
    }

    /** A whole configuration with these keys of the filter, single quotes for double ones. */
    static Config reloaded(String keys) {
        String json =
                "{'listen_addr': '127.0.0.1:1', 'whitelist': ['a.test'], 'ebpf': {'xdp': {'enabled': true, 'interfaces': ['"
                        + DEVICE + "'], " + keys + "}}}";
        try {
            return ConfigLoader.parse(json.replace('\'', '"'), Map.of());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static List<Cidr> blocks(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }

    /** Starts the filter on the server's interface; it judges what goes to the listener. */
    XdpFilter start(EbpfConfig.Xdp config) {
        XdpFilter filter = server.call(() -> XdpFilter.start(programs, config));
        filter.listen(List.of(everywhere()));
        return filter;
    }

    /** Why the filter does not start. */
    StartException refusal(EbpfConfig.Xdp config) {
        return server.call(() -> {
            try {
                XdpFilter.start(programs, config).close();
                throw new AssertionError("it started");
            } catch (StartException e) {
                return e;
            }
        });
    }

    /** Whether a client that must be let in is. */
    boolean greets(String from) {
        return connect(from, port(), PATIENCE_MILLIS);
    }

    /** Whether a client that must not be let in is. */
    boolean greetsAtOnce(String from) {
        return connect(from, port(), SILENCE_MILLIS);
    }

    /** Packets towards the server that the cable had no room for: its far end takes them out late on a busy machine. */
    long lostInTheCable() {
        return Long.parseLong(
                clients.run("cat", "/sys/class/net/cx0/statistics/tx_dropped").strip());
    }

    private boolean connect(String from, int port, int millis) {
        InetAddress source = InetAddress.ofLiteral(from);
        String to = from.contains(":") ? SERVER_IPV6 : SERVER;
        return clients.call(() -> {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress(source, 0));
                socket.setSoTimeout(millis);
                socket.connect(new InetSocketAddress(to, port), millis);
                return socket.getInputStream().read() == GREETING;
            } catch (SocketTimeoutException e) {
                return false;
            }
        });
    }

    @Override
    public void close() {
        programs.close();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        clients.close();
        server.close();
    }
}
