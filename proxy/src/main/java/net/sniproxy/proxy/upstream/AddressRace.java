package net.sniproxy.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.upstream.Opener.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * Happy Eyeballs (RFC 8305): connects to one of several addresses, the next one when an attempt fails or takes longer than the
 * Connection Attempt Delay, the families in turn; the first that is established wins and the others are closed. For one event
 * loop.
 */
final class AddressRace {
    /** RFC 8305 section 5. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    private final EventLoop loop;
    private final Opener opener;
    private final Listener listener;
    private final Deque<InetSocketAddress> sameFamily = new ArrayDeque<>(2);
    private final Deque<InetSocketAddress> otherFamily = new ArrayDeque<>(2);
    private final List<Attempt> running = new ArrayList<>(2);
    private boolean lastWasIpv4;
    private boolean held;
    private boolean complete;
    private boolean over;
    private String failure = "no address";
    private @Nullable Future<?> nextAttempt;

    /** Told once, on the event loop. */
    interface Listener {
        void won(DuplexChannel channel, InetSocketAddress address);

        void lost(String failure);
    }

    AddressRace(EventLoop loop, Opener opener, Listener listener) {
        this.loop = loop;
        this.opener = opener;
        this.listener = listener;
    }

    /** Begins no attempt before {@link #release}, so that the first one knows whether there will be others. */
    void hold() {
        held = true;
    }

    /** Begins. */
    void release() {
        held = false;
        if (running.isEmpty()) {
            attemptNext();
        }
        loseIfNothingIsLeft();
    }

    /** More addresses, in the order of preference. */
    void add(List<InetSocketAddress> addresses) {
        if (over) {
            return;
        }
        for (InetSocketAddress address : addresses) {
            boolean ipv4 = isIpv4(address);
            if (running.isEmpty() && sameFamily.isEmpty() && otherFamily.isEmpty()) {
                lastWasIpv4 = !ipv4;
            }
            (ipv4 == lastWasIpv4 ? sameFamily : otherFamily).add(address);
        }
        if (held) {
            return;
        }
        if (running.isEmpty()) {
            attemptNext();
        } else {
            scheduleNext();
        }
    }

    /** No more addresses will be added. */
    void complete() {
        complete = true;
        loseIfNothingIsLeft();
    }

    /** Closes what is under way; the listener is not told. */
    void cancel() {
        over = true;
        stop();
    }

    private void attemptNext() {
        nextAttempt = null;
        InetSocketAddress address = otherFamily.isEmpty() ? sameFamily.poll() : otherFamily.poll();
        if (over || address == null) {
            return;
        }
        if (isIpv4(address) != lastWasIpv4) {
            swapFamilies();
        }
        boolean onlyOne = complete && running.isEmpty() && sameFamily.isEmpty() && otherFamily.isEmpty();
        Attempt attempt = opener.open(loop, address, onlyOne);
        running.add(attempt);
        attempt.result().addListener((Future<DuplexChannel> result) -> settled(attempt, address, result));
        scheduleNext();
    }

    /** Those of the family that was just tried wait for one of the other. */
    private void swapFamilies() {
        lastWasIpv4 = !lastWasIpv4;
        List<InetSocketAddress> same = List.copyOf(sameFamily);
        sameFamily.clear();
        sameFamily.addAll(otherFamily);
        otherFamily.clear();
        otherFamily.addAll(same);
    }

    private void scheduleNext() {
        if (!over && nextAttempt == null && !(sameFamily.isEmpty() && otherFamily.isEmpty())) {
            nextAttempt = loop.schedule(this::attemptNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void settled(Attempt attempt, InetSocketAddress address, Future<DuplexChannel> result) {
        running.remove(attempt);
        if (over) {
            attempt.abandon().run();
        } else if (result.isSuccess()) {
            over = true;
            stop();
            listener.won(result.getNow(), address);
        } else {
            failure = Failures.describe(address, result.cause());
            attempt.abandon().run();
            if (nextAttempt != null) {
                nextAttempt.cancel(false);
            }
            attemptNext();
            loseIfNothingIsLeft();
        }
    }

    private void loseIfNothingIsLeft() {
        if (complete && !held && !over && running.isEmpty()) {
            over = true;
            listener.lost(failure);
        }
    }

    private void stop() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
        }
        List<Attempt> losers = List.copyOf(running);
        running.clear();
        losers.forEach(loser -> loser.abandon().run());
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }
}
