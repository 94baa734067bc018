package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DataPaths.Choice;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.relay.Relay;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.filter.Admission;
import net.sniproxy.proxy.hello.ClientHello;
import net.sniproxy.proxy.hello.HelloResult;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from its acceptance to the close of its last leg.
 *
 * <pre>
 * READING_HELLO → DIALLING → RELAYING → ENDING → over
 *       └────────────┴── refused ─────────┘
 * </pre>
 *
 * <p>Belongs to the event loop of its {@link Worker}; nothing here is shared between threads.
 */
final class Connection extends Session implements FirstFlight.Listener, Dial.Listener, Relay.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private enum Phase {
        READING_HELLO,
        DIALLING,
        RELAYING,
        ENDING,
        OVER
    }

    private final Worker worker;
    private final SocketChannel client;
    private final ConnectionStory story;
    private final FirstFlight firstFlight;
    private Phase phase = Phase.READING_HELLO;
    private long deadline;
    private Admission.@Nullable Permit permit;
    private @Nullable Dial dial;
    private Dial.@Nullable Lease lease;
    private @Nullable Relay relay;
    private Optional<KernelForwarding> kernel = Optional.empty();
    private boolean unanswered;
    private long bytesUp;
    private long bytesDown;

    Connection(Worker worker, SocketChannel client, ConnectionStory story) {
        this.worker = worker;
        this.client = client;
        this.story = story;
        this.firstFlight = new FirstFlight(worker.running().helloLimits(), this);
        this.deadline = story.acceptedNanos() + worker.running().deadlines().hello();
    }

    /** Checks the source and starts reading; the channel is not registered yet. */
    void start() {
        if (worker.running().trustedPeers().contains(story.clientAddress())) {
            client.pipeline().addLast(ProxyHeaders.decoder());
        } else if (!admit()) {
            client.unsafe().closeForcibly();
            return;
        }
        client.pipeline().addLast(firstFlight);
        worker.loop().register(client);
    }

    private boolean admit() {
        switch (worker.admit(story.clientAddress())) {
            case Admission.Admitted admitted -> {
                permit = admitted.permit();
                return true;
            }
            case Admission.Denied denied -> {
                Rejection why = Rejection.of(denied);
                over(why.ending(), why.detail());
                return false;
            }
        }
    }

    @Override
    public void proxied(HAProxyMessage header) {
        ProxyHeaders.client(header).ifPresent(story::proxied);
        if (!admit()) {
            client.close();
        }
    }

    @Override
    public void read(HelloResult result) {
        if (phase != Phase.READING_HELLO) {
            return;
        }
        switch (result) {
            case HelloResult.Name(String name, ClientHello hello) -> hello(Optional.of(name), hello);
            case HelloResult.NoName(ClientHello hello) -> hello(Optional.empty(), hello);
            case HelloResult.Refused refused -> reject(Rejection.of(refused));
            case HelloResult.NeedMore() -> throw new IllegalStateException("not final");
        }
    }

    private void hello(Optional<String> name, ClientHello hello) {
        if (permit == null && !admit()) {
            client.close(); // A trusted peer that sent no PROXY protocol header cannot get here, but nobody gets by.
            return;
        }
        story.helloRead(name, hello);
        Optional<Route> route = worker.running().route(name, hello.alpn());
        if (route.isEmpty()) {
            reject(name.isPresent() ? Rejection.noRoute() : Rejection.noName(""));
        } else if (!worker.mayDial()) {
            reject(Rejection.noUpstream(Ending.OVERLOADED, "too many upstream connections are being made"));
        } else {
            dial(route.get(), name);
        }
    }

    private void dial(Route route, Optional<String> name) {
        story.routed(route);
        phase = Phase.DIALLING;
        deadline = System.nanoTime() + worker.running().deadlines().connect();
        worker.dialling(1);
        var newDial = worker.dial(new Dial.Request(route, name, story.clientAddress(), worker.relaysOnly()), this);
        dial = newDial;
        newDial.start();
    }

    @Override
    public void trying(String target) {
        story.trying(target);
    }

    @Override
    public void connected(DuplexChannel upstream, SocketAddress address, Dial.Lease newLease) {
        worker.dialling(-1);
        dial = null;
        lease = newLease;
        try {
            relay(upstream, address);
        } catch (RuntimeException e) {
            upstream.close();
            failed(e);
        }
    }

    private void relay(DuplexChannel upstream, SocketAddress address) {
        story.connected(address);
        ByteBuf prefix = prefix();
        Choice choice = worker.choose(new ConnectedLegs(this, upstream, firstFlight.length(), prefix.readableBytes()));
        kernel = choice.forwarding();
        story.pathChosen(choice);
        phase = Phase.RELAYING;
        var newRelay = new Relay(client, upstream, kernel, this);
        relay = newRelay;
        unanswered = newRelay.isUnanswered();
        if (!unanswered) {
            deadline = System.nanoTime() + worker.running().deadlines().idle();
        }
        ByteBuf firstBytes = firstFlight.take();
        client.pipeline().remove(firstFlight);
        newRelay.start(prefix, firstBytes);
        if (firstFlight.clientEnded()) {
            newRelay.clientEnded();
        }
    }

    private ByteBuf prefix() {
        return story.route()
                .flatMap(Route::sendProxy)
                .map(version -> ProxyHeaders.encode(version, story.client(), client.localAddress()))
                .orElse(Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void failed(Ending ending, String detail) {
        worker.dialling(-1);
        dial = null;
        reject(ending == Ending.NO_NAME ? Rejection.noName(detail) : Rejection.noUpstream(ending, detail));
    }

    @Override
    public void unanswered(String detail) {
        rejectUnanswered(Ending.UPSTREAM_FAILED, detail);
    }

    /** The upstream that was reported as connected is none, and the client has got nothing from it. */
    private void rejectUnanswered(Ending ending, String detail) {
        relay = null; // What it sent was not delivered.
        if (lease != null) {
            lease.unreachable();
        }
        reject(Rejection.noUpstream(ending, detail));
    }

    @Override
    public void lost(Throwable cause) {
        if (phase == Phase.READING_HELLO || phase == Phase.DIALLING) {
            Ending ending = cause instanceof DecoderException ? Ending.PROXY_HEADER_INVALID : Ending.CLIENT_LEFT;
            end(ending, Objects.requireNonNullElse(cause.getMessage(), ""));
            client.close();
        }
    }

    @Override
    public void failed(Throwable cause) {
        LOG.error("connection {} from {} failed", story.info().id(), story.client(), cause);
        if (phase == Phase.READING_HELLO || phase == Phase.DIALLING) {
            reject(Rejection.noUpstream(Ending.INTERNAL_ERROR, cause.toString()));
        } else {
            abort(Ending.INTERNAL_ERROR);
        }
    }

    @Override
    public void ended(Ending ending, String detail) {
        end(ending, detail);
    }

    @Override
    void check(long now) {
        switch (phase) {
            case READING_HELLO -> {
                if (now - deadline >= 0) {
                    reject(Rejection.helloTimeout(firstFlight.length()));
                }
            }
            case DIALLING -> {
                if (now - deadline >= 0) {
                    reject(Rejection.noUpstream(Ending.CONNECT_TIMEOUT, ""));
                }
            }
            case RELAYING -> {
                if (relay != null && unanswered) {
                    checkUnanswered(relay, now);
                } else if (relay != null && relay.movedSinceLastAsked()) {
                    deadline = now + worker.running().deadlines().idle();
                } else if (now - deadline >= 0) {
                    abort(Ending.IDLE_TIMEOUT);
                }
            }
            case ENDING, OVER -> {}
        }
    }

    /** The deadline is still that of the dial. */
    private void checkUnanswered(Relay waiting, long now) {
        unanswered = waiting.isUnanswered();
        if (unanswered && now - deadline >= 0) {
            waiting.leaveClient();
            rejectUnanswered(Ending.CONNECT_TIMEOUT, "");
        }
    }

    @Override
    void checkRoute(RunningConfig running) {
        if (phase == Phase.DIALLING || phase == Phase.RELAYING) {
            if (!running.route(story.name(), story.alpn()).equals(story.route())) {
                abort(Ending.REVOKED);
            }
        }
    }

    @Override
    void abort(Ending ending) {
        if (phase == Phase.OVER) {
            return;
        }
        if (phase == Phase.RELAYING && relay != null) {
            relay.abort(ending, "");
        } else {
            end(ending, "");
            if (client.isOpen()) {
                client.config().setOption(ChannelOption.SO_LINGER, 0);
                client.close();
            }
        }
    }

    private void reject(Rejection why) {
        end(why.ending(), why.detail());
        why.tell(client);
    }

    /** Gives back what is not needed any more; it is over when the client's socket is closed. */
    private void end(Ending ending, String detail) {
        if (phase == Phase.ENDING || phase == Phase.OVER) {
            return;
        }
        phase = Phase.ENDING;
        if (dial != null) {
            worker.dialling(-1);
            dial.cancel();
            dial = null;
        }
        if (relay != null) {
            bytesUp = relay.bytes(Direction.UP);
            bytesDown = relay.bytes(Direction.DOWN);
        }
        kernel.ifPresent(k -> k.close(false));
        if (client.closeFuture().isDone()) {
            over(ending, detail);
        } else {
            client.closeFuture().addListener(closed -> over(ending, detail));
        }
    }

    private void over(Ending ending, String detail) {
        if (phase == Phase.OVER) {
            return;
        }
        phase = Phase.OVER;
        worker.remove(this);
        if (lease != null) {
            lease.close();
        }
        if (permit != null) {
            permit.close();
        }
        story.closed(bytesUp, bytesDown, ending, detail);
    }

    @Override
    LiveConnection live() {
        long up = relay == null ? bytesUp : relay.bytes(Direction.UP);
        long down = relay == null ? bytesDown : relay.bytes(Direction.DOWN);
        return story.live(up, down);
    }

    ConnectionStory story() {
        return story;
    }

    Channel client() {
        return client;
    }

    /** See {@link net.sniproxy.proxy.datapath.Legs#note}. */
    ConnectionNote note() {
        Relay running = Objects.requireNonNull(relay);
        return story.note(running.relayed(Direction.UP), running.relayed(Direction.DOWN));
    }

    /** The kernel goes on alone, another object takes this one's place: see {@link net.sniproxy.proxy.datapath.Legs#detach}. */
    DetachedOwner detach(DetachedFlow flow) {
        Relay running = Objects.requireNonNull(relay);
        running.detach();
        phase = Phase.OVER;
        DetachedConnection rest = new DetachedConnection(
                worker,
                story,
                Objects.requireNonNull(permit),
                lease,
                running.relayed(Direction.UP),
                running.relayed(Direction.DOWN));
        rest.flow(flow);
        worker.replace(this, rest);
        return rest;
    }
}
