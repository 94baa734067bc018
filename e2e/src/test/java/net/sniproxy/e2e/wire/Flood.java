package net.sniproxy.e2e.wire;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import net.sniproxy.e2e.harness.Await;

/** Senders that send zeros as fast as they are taken, one thread each, until their connections end. */
public final class Flood {
    private static final int CHUNK = 8192;
    private static final int LOOKS = 20;

    private final AtomicLongArray taken;

    private Flood(int senders) {
        this.taken = new AtomicLongArray(senders);
    }

    /** Starts to send on each. */
    public static Flood on(List<Peer> peers) {
        Flood flood = new Flood(peers.size());
        for (int i = 0; i < peers.size(); i++) {
            int index = i;
            Thread.ofVirtual().start(() -> flood.send(peers.get(index), index));
        }
        return flood;
    }

    private void send(Peer peer, int index) {
        byte[] chunk = new byte[CHUNK];
        try {
            while (true) {
                peer.send(chunk);
                taken.addAndGet(index, CHUNK);
            }
        } catch (UncheckedIOException e) {
            // The connection has ended.
        }
    }

    /** Bytes that the kernel took from all senders so far. */
    public long total() {
        return IntStream.range(0, taken.length()).mapToLong(taken::get).sum();
    }

    /** Waits until something was taken from each, and then nothing for {@code quiet}; returns what was taken by then from all. */
    public long untilStuck(Duration quiet) {
        Await.until("bytes of every sender", Peer.PATIENCE, this::least, bytes -> bytes > 0);
        long before = total();
        int same = 0;
        // Many short looks instead of a long one: where the machine stalls they come later, as the senders do.
        while (same < LOOKS) {
            Await.pause(quiet.dividedBy(LOOKS));
            long now = total();
            same = now == before ? same + 1 : 0;
            before = now;
        }
        return before;
    }

    /** The most that one sender could send. */
    public long most() {
        return IntStream.range(0, taken.length()).mapToLong(taken::get).max().orElse(0);
    }

    private long least() {
        return IntStream.range(0, taken.length()).mapToLong(taken::get).min().orElse(0);
    }
}
