package net.sniproxy.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.config.Socks5Config;
import net.sniproxy.proxy.config.Target;
import net.sniproxy.proxy.dns.Resolver;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Opener.Attempt;
import net.sniproxy.proxy.upstream.TargetPool.Member;
import org.jspecify.annotations.Nullable;

/**
 * The way from a route to a connected socket: the route's targets one after the other, each with all its addresses, until one
 * accepts. For one event loop; it has no deadline of its own, its owner cancels it.
 */
public final class Dial {
    /** Of one family, of one name: an answer may hold thousands, and each that is silent would take up a descriptor. */
    private static final int MOST_ADDRESSES = 16;

    private final Upstreams upstreams;
    private final Resolver resolver;
    private final EventLoop loop;
    private final Request request;
    private final Listener listener;
    private final Iterator<Member> members;
    private @Nullable Member current;
    private @Nullable AddressRace race;
    private @Nullable Attempt unixAttempt;
    private boolean over;
    private Ending ending = Ending.UPSTREAM_FAILED;
    private String detail = "";

    /**
     * What is wanted.
     *
     * @param name the server name, for targets that take theirs from it
     * @param early whether the connection may be reported before anybody has answered, see
     *     {@link net.sniproxy.proxy.transport.FastOpen}: if its first bytes are written at once
     * @param largestSegment bytes of the largest segment that upstreams are told to send; empty where the route says it
     */
    public record Request(
            Route route, Optional<String> name, InetAddress client, boolean early, OptionalInt largestSegment) {}

    /** Told on the event loop, possibly before {@link #start} returns; {@code connected} or {@code failed} once, as the last. */
    public interface Listener {
        /** A target was chosen; more than once when targets fail. */
        void trying(String target);

        /**
         * Done.
         *
         * @param channel without handlers, and its receiver's to close
         * @param lease to be closed with the connection
         */
        void connected(DuplexChannel channel, SocketAddress address, Lease lease);

        /** No target accepted. */
        void failed(Ending ending, String detail);
    }

    /** Counts a connection as one of its target's. Closing it again does nothing. */
    public static final class Lease implements AutoCloseable {
        private @Nullable Member member;

        Lease(Member member) {
            this.member = member;
        }

        /** What was reported as connected turned out not to be. */
        public void unreachable() {
            if (member != null) {
                member.failed();
            }
        }

        @Override
        public void close() {
            if (member != null) {
                member.release();
                member = null;
            }
        }
    }

    /** Does nothing before {@link #start}. */
    public Dial(Upstreams upstreams, Resolver resolver, EventLoop loop, Request request, Listener listener) {
        this.upstreams = upstreams;
        this.resolver = resolver;
        this.loop = loop;
        this.request = request;
        this.listener = listener;
        this.members = upstreams.pool(request.route).inOrder(request.client).iterator();
    }

    /** Tries the first target. */
    public void start() {
        tryNext();
    }

    /** The target that lets the deadline pass is no better than one that refused. To be cancelled next. */
    public void tooSlow() {
        leaveCurrent(true);
    }

    /** Gives up without telling the listener. No target is to blame: clients leave whenever they like. */
    public void cancel() {
        if (over) {
            return;
        }
        leaveCurrent(false);
        over = true;
        if (race != null) {
            race.cancel();
        }
        if (unixAttempt != null) {
            unixAttempt.abandon().run();
        }
    }

    private void tryNext() {
        if (!members.hasNext()) {
            over = true;
            listener.failed(ending, detail);
            return;
        }
        Member member = members.next();
        current = member;
        member.acquire();
        switch (member.target()) {
            case Target.Unix unix -> dialUnix(unix);
            case Target.HostPort(String host, int port) -> dialHost(host, port);
            case Target.Requested(int port) -> {
                if (request.name.isPresent()) {
                    dialHost(request.name.get(), port);
                } else {
                    targetFailed(Ending.NO_NAME, "no server name to connect to");
                }
            }
        }
    }

    private void dialUnix(Target.Unix unix) {
        listener.trying(unix.toString());
        var transport = upstreams.transport();
        SocketAddress address = transport.unixAddress(unix.path());
        Attempt attempt = Opener.connect(loop, transport::unixSocket, address, OwnEnd.ANY);
        unixAttempt = attempt;
        attempt.result().addListener((Future<DuplexChannel> result) -> {
            if (over) {
                attempt.abandon().run();
            } else if (result.isSuccess()) {
                connected(result.getNow(), address);
            } else {
                attempt.abandon().run();
                targetFailed(Ending.UPSTREAM_FAILED, Failures.describe(address, result.cause()));
            }
        });
    }

    private void dialHost(String host, int port) {
        listener.trying(new Target.HostPort(host, port).toString());
        if (request.route.via() == Via.SOCKS5) {
            Socks5Config socks5 = upstreams.socks5().orElseThrow();
            Opener.From opener = new SocksOpener(upstreams.transport(), socks5.credentials(), host, port);
            dialAddresses(socks5.addr().host(), socks5.addr().port(), opener, false);
        } else {
            dialAddresses(host, port, direct(), true);
        }
    }

    /** A connection that a kernel data path may take over is established first. */
    private Opener.From direct() {
        var transport = upstreams.transport();
        boolean early = request.early && !members.hasNext();
        return early ? Opener.early(transport) : Opener.direct(transport, upstreams.sockets());
    }

    private void dialAddresses(String host, int port, Opener.From opener, boolean publicOnly) {
        var racing = new Racing();
        var newRace =
                new AddressRace(loop, new SourcedOpener(opener, upstreams.sockets(), request.largestSegment), racing);
        race = newRace;
        newRace.hold();
        ask(host, port, publicOnly, racing, newRace);
        newRace.release();
    }

    /** What is known already (literals, cached names) is known when this returns. */
    private void ask(String host, int port, boolean publicOnly, Racing racing, AddressRace newRace) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            racing.add(newRace, List.of(Addresses.of(literal)), port, false);
            newRace.complete();
            return;
        }
        resolver.resolve(host, new Resolver.Answer() {
            @Override
            public void addresses(List<InetAddress> addresses) {
                racing.add(newRace, addresses, port, publicOnly);
            }

            @Override
            public void complete(String failure) {
                if (!failure.isEmpty()) {
                    racing.failure = Ending.UNRESOLVED;
                    racing.reason = host + ": " + failure;
                }
                newRace.complete();
            }
        });
    }

    private void connected(DuplexChannel channel, SocketAddress address) {
        over = true;
        Member member = Objects.requireNonNull(current);
        member.succeeded();
        listener.connected(channel, address, new Lease(member));
    }

    private void targetFailed(Ending why, String reason) {
        ending = why;
        detail = reason;
        leaveCurrent(why == Ending.UPSTREAM_FAILED || why == Ending.UNRESOLVED);
        tryNext();
    }

    private void leaveCurrent(boolean failed) {
        Member member = current;
        if (member != null) {
            current = null;
            member.release();
            if (failed) {
                member.failed();
            }
        }
    }

    /** The race for one target, and why it may have had nobody to start. */
    private final class Racing implements AddressRace.Listener {
        private Ending failure = Ending.UPSTREAM_FAILED;
        private String reason = "";

        void add(AddressRace to, List<InetAddress> addresses, int port, boolean publicOnly) {
            List<InetSocketAddress> allowed = new ArrayList<>(addresses.size());
            for (InetAddress address : addresses) {
                if (allowed.size() == MOST_ADDRESSES) {
                    break;
                }
                var candidate = new InetSocketAddress(address, port);
                Optional<String> refusal = upstreams.policy().refusal(candidate, publicOnly);
                if (refusal.isEmpty()) {
                    allowed.add(candidate);
                } else {
                    failure = Ending.UPSTREAM_DENIED;
                    reason = refusal.get();
                }
            }
            if (!allowed.isEmpty()) {
                failure = Ending.UPSTREAM_FAILED;
                reason = "";
                to.add(allowed);
            }
        }

        @Override
        public void won(DuplexChannel channel, InetSocketAddress address) {
            connected(channel, address);
        }

        @Override
        public void lost(String last) {
            targetFailed(failure, reason.isEmpty() ? last : reason);
        }
    }
}
