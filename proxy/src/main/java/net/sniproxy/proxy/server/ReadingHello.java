package net.sniproxy.proxy.server;

import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import java.util.Optional;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.hello.ClientHello;
import net.sniproxy.proxy.hello.HelloResult;
import net.sniproxy.proxy.route.Route;

/** The first stage: who is it, and where does it want to go? */
final class ReadingHello implements EarlyStage, FirstFlight.Listener {
    private final Connection connection;
    private final Worker worker;
    private final ConnectionStory story;
    private final FirstFlight firstFlight;
    private final long deadline;

    ReadingHello(Connection connection) {
        this.connection = connection;
        this.worker = connection.worker();
        this.story = connection.story();
        this.firstFlight = new FirstFlight(worker.running().helloLimits(), this);
        this.deadline = story.acceptedNanos() + worker.running().deadlines().hello();
    }

    /** Checks the source and starts reading; the channel is not registered yet. */
    void start() {
        SocketChannel client = connection.client();
        if (worker.running().trustedPeers().contains(story.clientAddress())) {
            client.pipeline().addLast(ProxyHeaders.decoder());
        } else if (!connection.admit()) {
            client.unsafe().closeForcibly();
            return;
        }
        client.pipeline().addLast(firstFlight);
        worker.loop().register(client);
    }

    @Override
    public void proxied(HAProxyMessage header) {
        ProxyHeaders.ends(header).ifPresent(story::proxied);
        if (!connection.admit()) {
            connection.client().close();
        }
    }

    @Override
    public void read(HelloResult result) {
        if (connection.isEnding()) {
            return;
        }
        switch (result) {
            case HelloResult.Name(String name, ClientHello hello) -> hello(Optional.of(name), hello);
            case HelloResult.NoName(ClientHello hello) -> hello(Optional.empty(), hello);
            case HelloResult.Refused refused -> connection.reject(Rejection.of(refused));
            case HelloResult.NeedMore() -> throw new IllegalStateException("not final");
        }
    }

    private void hello(Optional<String> name, ClientHello hello) {
        if (!connection.isAdmitted() && !connection.admit()) {
            // A trusted peer that sent no PROXY protocol header cannot get here, but nobody gets by.
            connection.client().close();
            return;
        }
        story.helloRead(name, hello);
        Optional<Route> route = worker.running().route(name, hello.alpn());
        if (route.isEmpty()) {
            connection.reject(name.isPresent() ? Rejection.noRoute() : Rejection.noName(""));
        } else if (!worker.mayDial()) {
            connection.reject(Rejection.noUpstream(Ending.OVERLOADED, "too many upstream connections are being made"));
        } else {
            dial(route.get());
        }
    }

    private void dial(Route route) {
        story.routed(route);
        var dialling = new Dialling(connection, firstFlight);
        connection.enter(dialling);
        dialling.start(route);
    }

    @Override
    public void lost(Throwable cause) {
        connection.clientLost(cause);
    }

    @Override
    public void failed(Throwable cause) {
        connection.failed(cause);
    }

    @Override
    public void check(long now) {
        if (now - deadline >= 0) {
            connection.reject(Rejection.helloTimeout(firstFlight.length()));
        }
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public boolean isRouted() {
        return false;
    }

    @Override
    public void leave() {}
}
