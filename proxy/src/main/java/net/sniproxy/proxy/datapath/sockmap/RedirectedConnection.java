package net.sniproxy.proxy.datapath.sockmap;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.Legs;

/**
 * A connection whose peers' sockets are paired. Belongs to the connection's event loop, except where a method says otherwise.
 *
 * <p>If the process dies, bytes that only the kernel's maps held are lost. That the relay's sockets then end with RST keeps this
 * from looking like a clean end.
 */
final class RedirectedConnection implements KernelForwarding {
    /** A reader that is at work has read the last bytes by then. */
    private static final long FIRST_LOOK_MICROS = 200;

    private static final long LONGEST_WAIT_MICROS = 50_000;

    /** Java's own sockets send FIN first and close then, and others may. */
    private static final long CLOSE_FOLLOWS_MICROS = 1_000;

    private final SockmapTables tables;
    private final LivePairs live;
    private final Legs legs;
    private final long client;
    private final long upstream;
    private boolean over;
    private long up;
    private long down;

    /**
     * @param client cookie of the client's socket
     * @param upstream cookie of the upstream's socket
     */
    RedirectedConnection(SockmapTables tables, LivePairs live, Legs legs, long client, long upstream) {
        this.tables = tables;
        this.live = live;
        this.legs = legs;
        this.client = client;
        this.upstream = upstream;
    }

    /** Pairs the sockets; false if there is no room. */
    boolean start(long limit) {
        if (!live.add(this)) {
            return false;
        }
        if (!tables.pair(client, upstream, legs.prefixBytes(), limit)) {
            live.remove(this);
            return false;
        }
        return true;
    }

    @Override
    public long forwarded(Direction direction) {
        if (!over) {
            tables.counts(client).ifPresent(counts -> {
                up = counts.bytesSent;
                down = counts.bytesReceived;
            });
        }
        return direction == Direction.UP ? up : down;
    }

    @Override
    public void whenDelivered(Direction direction, Runnable action) {
        if (over) {
            action.run(); // Left to the relay, with everything delivered.
            return;
        }
        long sender = direction == Direction.UP ? client : upstream;
        // A process that closes a socket with unread bytes in its TCP queue makes TCP send RST. TCP does not know of
        // those
        // that were redirected, so that RST is ours to send.
        if (tables.unread(sender) == 0) {
            awaitDelivery(direction, action, FIRST_LOOK_MICROS);
        } else if (tables.isClosed(sender)) {
            lost(leg(sender));
        } else {
            later(CLOSE_FOLLOWS_MICROS, () -> {
                awaitReading(sender, FIRST_LOOK_MICROS);
                awaitDelivery(direction, action, FIRST_LOOK_MICROS);
            });
        }
    }

    /** Behind the FIN of a socket with bytes unread: ends the connection if they go with the socket. */
    private void awaitReading(long sender, long wait) {
        if (over || tables.unread(sender) == 0) {
            return;
        }
        if (tables.isClosed(sender)) {
            lost(leg(sender));
        } else {
            later(wait, () -> awaitReading(sender, longer(wait)));
        }
    }

    private void awaitDelivery(Direction direction, Runnable action, long wait) {
        if (over) {
            action.run();
            return;
        }
        long receiver = direction == Direction.UP ? upstream : client;
        if (tables.unread(receiver) == 0) {
            action.run();
        } else if (tables.isClosed(receiver)) {
            lost(leg(receiver));
        } else {
            later(wait, () -> awaitDelivery(direction, action, longer(wait)));
        }
    }

    private void later(long micros, Runnable action) {
        legs.client().eventLoop().schedule(action, micros, TimeUnit.MICROSECONDS);
    }

    private static long longer(long wait) {
        return Math.min(2 * wait, LONGEST_WAIT_MICROS);
    }

    private Channel leg(long cookie) {
        return cookie == client ? legs.client() : legs.upstream();
    }

    private static void lost(Channel leg) {
        leg.pipeline().fireExceptionCaught(new IOException("Connection closed with bytes unread"));
    }

    /** From now on all bytes are relayed. On any thread. */
    void separate() {
        tables.separate(client, upstream);
    }

    /** Whether the kernel holds no more redirected bytes. On any thread. */
    boolean isDrained() {
        return tables.unread(client) == 0 && tables.unread(upstream) == 0;
    }

    /** Ends the kernel's part; with RST for both if the kernel still holds bytes. On any thread. */
    Future<?> leaveToRelay() {
        return legs.client().eventLoop().submit(() -> {
            if (over) {
                return;
            }
            boolean complete = isDrained();
            close(false);
            if (!complete) {
                lost(legs.client());
                lost(legs.upstream());
            }
        });
    }

    @Override
    public void close(boolean reset) {
        if (over) {
            return;
        }
        forwarded(Direction.UP);
        over = true;
        live.remove(this);
        tables.unpair(client, upstream);
    }
}
