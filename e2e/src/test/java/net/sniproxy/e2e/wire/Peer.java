package net.sniproxy.e2e.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.bpf.testing.SocketDescriptors;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Background;

/**
 * One end of a TCP connection under full control of the test: what is sent in which pieces, when FIN or RST leaves, when
 * it reads at all. One thread may send while another receives.
 */
public final class Peer implements AutoCloseable {
    /** Longer than anything a healthy run needs, on a machine with other work to do. */
    public static final Duration PATIENCE = Await.patient(Duration.ofSeconds(30));

    /** Within this time a send that got an RST has told so, however late its thread gets a processor. */
    private static final Duration REPORTED = Await.patient(Duration.ofSeconds(5));

    private static final int CHUNK = 1 << 16;

    private final Socket socket;
    private final Instant since;
    private final InetSocketAddress local;
    private volatile boolean sending;
    private volatile boolean sendFailed;

    Peer(Socket socket) {
        this(socket, Instant.now());
    }

    private Peer(Socket socket, Instant since) {
        this.socket = socket;
        this.since = since;
        // Kept, because a closed socket forgets it.
        this.local = (InetSocketAddress) socket.getLocalSocketAddress();
        try {
            // Every send() is a segment of its own.
            socket.setTcpNoDelay(true);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects. */
    public static Peer connect(InetSocketAddress to) {
        return connect(to, new Socket());
    }

    /** Connects with a fixed receive buffer (bytes), so that a reader that stops is felt soon. */
    public static Peer connectWithReceiveBuffer(InetSocketAddress to, int bytes) {
        Socket socket = new Socket();
        try {
            socket.setReceiveBufferSize(bytes);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        return connect(to, socket);
    }

    /** Limits how much the kernel holds of what this end sends (bytes; Linux doubles it). */
    public Peer sendBuffer(int bytes) {
        try {
            socket.setSendBufferSize(bytes);
            return this;
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects from a given local port, though it was in use a moment ago. */
    public static Peer connectFrom(InetSocketAddress from, InetSocketAddress to) {
        Socket socket = new Socket();
        try {
            socket.setReuseAddress(true);
            socket.bind(from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return connect(to, socket);
    }

    private static Peer connect(InetSocketAddress to, Socket socket) {
        Instant since = Instant.now();
        try {
            socket.connect(to, (int) PATIENCE.toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException("could not connect to " + to, e);
        }
        return new Peer(socket, since);
    }

    /** When it began to connect, or was accepted. */
    public Instant since() {
        return since;
    }

    /** Local address and port. */
    public InetSocketAddress local() {
        return local;
    }

    /** Address and port of the other end. */
    public InetSocketAddress remote() {
        return (InetSocketAddress) socket.getRemoteSocketAddress();
    }

    /** The numbers of its TCP; to be called in the network namespace that it is in. */
    public TcpState tcp() {
        try {
            return new TcpState(SocketDescriptors.of(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends bytes in one write. */
    public Peer send(byte[] bytes) {
        return send(bytes, 0, bytes.length);
    }

    /** Sends part of an array in one write. */
    public Peer send(byte[] bytes, int offset, int length) {
        sending = true;
        try {
            socket.getOutputStream().write(bytes, offset, length);
            return this;
        } catch (IOException e) {
            sendFailed = true;
            throw new UncheckedIOException(e);
        } finally {
            sending = false;
        }
    }

    /** Sends bytes in pieces of {@code step}, with a pause after each. */
    public Peer sendSlowly(byte[] bytes, int step, Duration pause) {
        for (int at = 0; at < bytes.length; at += step) {
            send(bytes, at, Math.min(step, bytes.length - at));
            Await.pause(pause);
        }
        return this;
    }

    /** Sends a payload; blocks while the other side does not read. */
    public Peer send(Payload payload) {
        payload.forEachChunk(this::send);
        return this;
    }

    /** As {@link #send(Payload)}, on a thread of its own. */
    public CompletableFuture<Peer> sending(Payload payload) {
        return Background.run(() -> send(payload));
    }

    /** Sends FIN; reading goes on. */
    public Peer finish() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection with RST. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets the connection without a word, as a host does that crashes. In the network namespace that it is in; needs root. */
    public void vanish() {
        tcp().silence();
        reset();
    }

    /** Reads exactly {@code count} bytes, or fails and says how far it came. */
    public byte[] read(int count) {
        try {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            byte[] bytes = socket.getInputStream().readNBytes(count);
            if (bytes.length < count) {
                throw new AssertionError("FIN after " + bytes.length + " of " + count + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new AssertionError("no " + count + " bytes: " + e.getMessage(), e);
        }
    }

    /** Reads to the end of the direction, or until nothing came for {@link #PATIENCE}. */
    public Received receive() {
        return receive(PATIENCE);
    }

    /** Reads to the end of the direction, or until nothing came for {@code patience}. */
    public Received receive(Duration patience) {
        Received.Meter meter = new Received.Meter();
        return meter.ended(drain(patience, meter::add));
    }

    /** As {@link #receive()}, on a thread of its own. */
    public CompletableFuture<Received> receiving() {
        return Background.run(this::receive);
    }

    /** Reads to the end and keeps the bytes: for short answers. */
    public Answer answer() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Ending ending = drain(PATIENCE, all::write);
        return new Answer(all.toByteArray(), ending);
    }

    /** As {@link #answer()}, on a thread of its own. */
    public CompletableFuture<Answer> answering() {
        return Background.run(this::answer);
    }

    /** Whether neither a byte nor an end comes for {@code duration}. */
    public boolean silentFor(Duration duration) {
        return receive(duration).equals(Received.of(Ending.OPEN));
    }

    private Ending drain(Duration patience, Payload.Sink<RuntimeException> sink) {
        byte[] chunk = new byte[CHUNK];
        try {
            socket.setSoTimeout((int) patience.toMillis());
            InputStream in = socket.getInputStream();
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                sink.accept(chunk, 0, n);
            }
            return resetSeenBySender() ? Ending.RST : Ending.FIN;
        } catch (SocketTimeoutException e) {
            return Ending.OPEN;
        } catch (SocketException e) {
            if (socket.isClosed()) {
                throw new IllegalStateException("the test closed this end itself", e);
            }
            return Ending.RST;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Linux reports an RST to one system call alone: when a concurrent send got it, reading looks as if FIN had come.
     */
    private boolean resetSeenBySender() {
        long end = System.nanoTime() + REPORTED.toNanos();
        while (sending && !sendFailed && System.nanoTime() < end) {
            Await.pause(Duration.ofMillis(1));
        }
        return sendFailed;
    }

    /** Closes this end as a program does: FIN, or RST when bytes are left unread. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
