package net.sniproxy.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;

/**
 * A proxy on one data path between the test and a back end of the test.
 *
 * @param path the data path that is on
 * @param site where the proxy stands
 * @param backEnd to which {@link #NAME} is routed
 * @param proxy the process
 */
public record Rig(DataPath path, Site site, BackEnd backEnd, ProxyProcess proxy) implements AutoCloseable {
    /** The name that is routed to the back end. */
    public static final String NAME = "back.site.test";

    /** Changes the configuration before the start. */
    @FunctionalInterface
    public interface Change {
        void apply(ProxyConfig config);
    }

    /** A connection through the proxy, from end to end, after the hello has arrived. */
    public record Link(Peer client, Peer server, byte[] hello) implements AutoCloseable {
        /** Bytes that {@link #assertCarries()} sends to the server. */
        public static final int CARRIED_UP = 100_000;
        /** Bytes that it sends to the client. */
        public static final int CARRIED_DOWN = 200_000;

        /** Sends something each way, one after the other, and sees it arrive; the connection stays open. */
        public void assertCarries() {
            Payload up = new Payload(1, CARRIED_UP);
            Payload down = new Payload(2, CARRIED_DOWN);
            client.send(up);
            assertThat(server.read((int) up.length())).isEqualTo(up.bytes());
            server.send(down);
            assertThat(client.read((int) down.length())).isEqualTo(down.bytes());
        }

        /** Sends both ways at once, to orderly ends; done when both ends have received all, and nothing else. */
        public CompletableFuture<Void> exchange(Payload up, Payload down) {
            CompletableFuture<Received> atServer = server.receiving();
            CompletableFuture<Received> atClient = client.receiving();
            server.sending(down).thenAccept(Peer::finish);
            client.sending(up).thenAccept(Peer::finish);
            return CompletableFuture.allOf(atServer, atClient).thenRun(() -> {
                assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, up));
                assertThat(atClient.join()).isEqualTo(Received.of(Ending.FIN, down));
                close();
            });
        }

        /** As {@link #exchange(Payload, Payload)} on all of them at once, waiting for the last. */
        public static void exchangeAll(List<Link> links, Payload up, Payload down) {
            CompletableFuture.allOf(
                            links.stream().map(link -> link.exchange(up, down)).toArray(CompletableFuture[]::new))
                    .join();
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    /** Starts a back end, and a proxy with a route to it. */
    public static Rig start(DataPath path, Change change) {
        return start(path, path.site(), change);
    }

    /** As {@link #start(DataPath, Change)}, at a site that the rig takes over. */
    public static Rig start(DataPath path, Site site, Change change) {
        BackEnd backEnd = site.amongBackEnds(() -> BackEnd.start(site.backEndAddress()));
        try {
            return start(path, site, backEnd, change);
        } catch (AssertionError e) {
            backEnd.close();
            site.close();
            throw e;
        }
    }

    /** Starts a proxy with a route to a back end that is there. */
    public static Rig start(DataPath path, Site site, BackEnd backEnd, Change change) {
        ProxyConfig config = ProxyConfig.on(site.proxyAddress()).route(NAME, backEnd.target());
        change.apply(config);
        return new Rig(path, site, backEnd, ProxyProcess.start(path, site, config));
    }

    /** Connects a client that has sent nothing yet. */
    public Peer connect() {
        return site.amongClients(() -> Peer.connect(proxy.address()));
    }

    /** Opens a connection and sees its hello arrive unchanged. */
    public Link open() {
        return open(connect());
    }

    /** Sends the hello on a fresh connection and sees it arrive unchanged. */
    public Link open(Peer client) {
        return open(client, NAME, backEnd);
    }

    /** As {@link #open(Peer)}, to another back end that another name is routed to. */
    public static Link open(Peer client, String name, BackEnd backEnd) {
        byte[] hello = Hello.of(name).alpn("h2").bytes();
        client.send(hello);
        Peer server = backEnd.accept();
        if (!Arrays.equals(server.read(hello.length), hello)) {
            throw new AssertionError("the hello arrived changed");
        }
        return new Link(client, server, hello);
    }

    /** Whether a new connection gets through, with both payloads unchanged; else it must have been ended before that. */
    public boolean serves(Payload up, Payload down) {
        byte[] hello = Hello.of(NAME).bytes();
        try (Peer client = connect()) {
            CompletableFuture<Received> atClient = client.receiving();
            if (!sent(client, hello)) {
                return false;
            }
            Await.until(() -> "a decision", Peer.PATIENCE, () -> atClient.isDone() || backEnd.pending() > 0);
            if (atClient.isDone()) {
                return false;
            }
            try (Peer server = backEnd.accept()) {
                assertThat(server.read(hello.length)).isEqualTo(hello);
                CompletableFuture<Received> atServer = server.receiving();
                client.send(up).finish();
                server.send(down).finish();
                assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, up));
                assertThat(atClient.join()).isEqualTo(Received.of(Ending.FIN, down));
                return true;
            }
        }
    }

    private static boolean sent(Peer client, byte[] bytes) {
        try {
            client.send(bytes);
            return true;
        } catch (UncheckedIOException closed) {
            return false;
        }
    }

    /** Waits for the end of a connection, which must have been orderly and on this path, and tells what was logged of it. */
    public AccessLine assertCompleted(Link link, int linesBefore, String path) {
        AccessLine line = proxy.awaitEnd(link.client(), linesBefore);
        assertThat(line.path()).as(line.text()).contains(path);
        assertThat(line.end()).as(line.text()).isEqualTo("completed");
        return line;
    }

    /**
     * Waits for the end of a connection that carried this behind its hello. It must have been relayed, and the access log must
     * say why: {@code "splice: the flow table is full"}.
     */
    public void assertRelayed(Link link, int linesBefore, String reason, Payload up, Payload down) {
        AccessLine line = assertCompleted(link, linesBefore, "relay", up, down);
        assertThat(line.pathReason()).as(line.text()).contains(reason);
    }

    /** As {@link #assertCompleted(Link, int, String)}, of a connection that carried this behind its hello. */
    public AccessLine assertCompleted(Link link, int linesBefore, String path, Payload up, Payload down) {
        AccessLine line = assertCompleted(link, linesBefore, path);
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(link.hello().length + up.length());
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(down.length());
        return line;
    }

    /** Waits until the proxy holds no more sockets than {@code before}. */
    public void awaitSockets(int before) {
        Await.until("sockets of the proxy", Duration.ofSeconds(15), proxy.proc()::sockets, now -> now <= before);
    }

    /** Kills the proxy (SIGKILL) once it has left so many connections to the kernel: until then they are its own and end with it. */
    public void killLeaving(int connections) {
        ProxyMaps maps = new ProxyMaps(proxy.child().pid());
        Await.until(
                "connections left to the kernel",
                Peer.PATIENCE,
                () -> maps.entries("SPLICE_NOTES"),
                notes -> notes == connections);
        proxy.child().signal("KILL");
        proxy.child().awaitExit(Peer.PATIENCE);
    }

    /** Waits until the kernel keeps nothing of any spliced connection: some seconds after the end of the last. */
    public void awaitNoSplices() {
        ProxyMaps maps = new ProxyMaps(proxy.child().pid());
        for (String map : List.of("FLOWS", "SPLICES", "CONNECTION_STATS")) {
            Await.until("entries of " + map, Duration.ofSeconds(30), () -> maps.entries(map), entries -> entries == 0);
        }
    }

    @Override
    public void close() {
        try (site;
                backEnd) {
            proxy.close();
        }
    }
}
