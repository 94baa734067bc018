package net.sniproxy.app.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.sniproxy.app.demo.DemoClient.Outcome;
import net.sniproxy.proxy.SniProxy;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.slf4j.LoggerFactory;

/**
 * Three TLS back ends with the proxy in front of them. For one thread; closing it ends everything and removes its files.
 */
public final class Demo implements AutoCloseable {
    private static final String WEB_NAME = "www.demo.test";
    private static final String SHOP_NAME = "shoes.shop.demo.test";
    private static final String LEGACY_NAME = "legacy.demo.test";
    private static final String REFUSED_NAME = "unknown.demo.test";
    private static final int CLOSE_SECONDS = 10;

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final BlockingQueue<Closed> closed = new LinkedBlockingQueue<>();
    private final DemoCertificates certificates = DemoCertificates.create(List.of(WEB_NAME, SHOP_NAME, LEGACY_NAME));
    private final List<Visit> visits;
    private final SniProxy proxy;
    private final Path authorityFile;

    /** A name to ask for, and the back end that has to answer; empty: the proxy has to refuse. */
    private record Visit(String name, Optional<String> backEnd) {}

    private Demo(String listen) throws IOException, StartException, ConfigException {
        try {
            DemoBackend web = backEnd("web", "TLSv1.3");
            DemoBackend shop = backEnd("shop", "TLSv1.3");
            DemoBackend legacy = backEnd("legacy", "TLSv1.2");
            visits = List.of(
                    new Visit(WEB_NAME, Optional.of(web.name())),
                    new Visit(SHOP_NAME, Optional.of(shop.name())),
                    new Visit(LEGACY_NAME, Optional.of(legacy.name())),
                    new Visit(REFUSED_NAME, Optional.empty()));
            Config config = ConfigLoader.parse(configuration(listen, web, shop, legacy));
            proxy = own(SniProxy.start(
                    config, DataPaths.relayOnly("the demo stays in user space"), List.of(this::remember)));
            authorityFile = writeAuthority();
        } catch (IOException | StartException | ConfigException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts it.
     *
     * @param listen where the proxy listens, {@code host:port}; port 0 takes any
     * @throws StartException where the address is taken
     */
    public static Demo start(String listen) throws IOException, StartException, ConfigException {
        return new Demo(listen);
    }

    private static String configuration(String listen, DemoBackend web, DemoBackend shop, DemoBackend legacy) {
        // The back ends are on loopback addresses, which a proxy for the public has reason to refuse.
        return """
                {"listen_addr": "%s", "deny_private_upstreams": false,
                 "routes": [{"match": "www.demo.test", "upstream": "%s"},
                            {"match": "*.shop.demo.test", "upstream": "%s"},
                            {"match": "legacy.demo.test", "upstream": "%s"}]}
                """.formatted(
                listen.replace("\\", "\\\\").replace("\"", "\\\""), web.target(), shop.target(), legacy.target());
    }

    private DemoBackend backEnd(String name, String tls) throws IOException {
        return own(new DemoBackend(name, tls, certificates.serverContext()));
    }

    private Path writeAuthority() throws IOException {
        Path folder = Files.createTempDirectory("sni-proxy-demo");
        resources.add(() -> Files.deleteIfExists(folder));
        Path file = folder.resolve("ca.pem");
        certificates.writeAuthority(file);
        resources.add(() -> Files.deleteIfExists(file));
        return file;
    }

    private void remember(ConnectionEvent event) {
        if (event instanceof Closed end) {
            closed.add(end);
        }
    }

    /** Where the proxy listens. */
    public InetSocketAddress address() {
        return proxy.addresses().getFirst();
    }

    /**
     * Asks for every name through the proxy, one after the other, twice: the first round is for Java to warm up in, the
     * report is of the second.
     */
    public DemoReport visitAll() throws InterruptedException {
        DemoClient client = new DemoClient(certificates.clientContext(), address());
        visitAll(client);
        return visitAll(client);
    }

    private DemoReport visitAll(DemoClient client) throws InterruptedException {
        List<DemoReport.Row> rows = new ArrayList<>();
        for (Visit visit : visits) {
            Outcome outcome = client.get(visit.name());
            Optional<Closed> end = nextClosed();
            rows.add(new DemoReport.Row(visit.name(), outcome, end, asExpected(visit, outcome, end)));
        }
        return new DemoReport(rows);
    }

    private static boolean asExpected(Visit visit, Outcome outcome, Optional<Closed> end) {
        return switch (outcome) {
            case Outcome.Answer answer ->
                visit.backEnd().equals(Optional.of(answer.backEnd())) && answer.status() == 200 && end.isPresent();
            case Outcome.Failure failure ->
                visit.backEnd().isEmpty() && end.map(Closed::ending).equals(Optional.of(Ending.NO_ROUTE));
        };
    }

    /** The next connection that ends, in order; empty when none does within seconds. */
    private Optional<Closed> nextClosed() throws InterruptedException {
        return Optional.ofNullable(closed.poll(CLOSE_SECONDS, TimeUnit.SECONDS));
    }

    /** Waits for the next connection that ends. */
    public Closed takeClosed() throws InterruptedException {
        return closed.take();
    }

    /** A command line that asks for the first name and checks the certificate; works in any shell of this host. */
    public String curl() {
        InetSocketAddress address = address();
        String name = visits.getFirst().name();
        return "curl --noproxy '*' --cacert %s --connect-to %s:443:%s:%d https://%s/"
                .formatted(authorityFile, name, curlHost(address), address.getPort(), name);
    }

    private static String curlHost(InetSocketAddress address) {
        if (address.getAddress().isAnyLocalAddress()) {
            return "127.0.0.1";
        }
        String host = address.getAddress().getHostAddress();
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private <T extends AutoCloseable> T own(T resource) {
        resources.add(resource);
        return resource;
    }

    /** The proxy first, so that no connection of it is cut by a back end. */
    @Override
    public void close() {
        for (AutoCloseable resource : resources.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                LoggerFactory.getLogger(Demo.class).warn("the demo was not closed cleanly", e);
            }
        }
        resources.clear();
    }
}
