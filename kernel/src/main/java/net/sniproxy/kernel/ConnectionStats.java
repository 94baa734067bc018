package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.AtomicAdd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * What a connection has moved, seen from the socket whose cookie is the key: sent by it, received by it. The counters are
 * added to by programs on several CPUs at once, so they are atomic.
 */
@Struct("ConnectionStats")
public final class ConnectionStats {
    /** Payload bytes that the socket sent. */
    @Unsigned
    public long bytesSent;

    /** Payload bytes that the socket received. */
    @Unsigned
    public long bytesReceived;

    /** Messages or packets that the socket sent. */
    @Unsigned
    public long packetsSent;

    /** Messages or packets that the socket received. */
    @Unsigned
    public long packetsReceived;

    /** When it began, nanoseconds on the kernel's monotonic clock. */
    @Unsigned
    public long startTime;

    /** One message or packet of this many bytes was sent. */
    public void countSent(long bytes) {
        addBytesSent(bytes);
        addPacketsSent(1);
    }

    /** One message or packet of this many bytes was received. */
    public void countReceived(long bytes) {
        addBytesReceived(bytes);
        addPacketsReceived(1);
    }

    @AtomicAdd("bytesSent")
    synchronized void addBytesSent(long bytes) {
        bytesSent += bytes;
    }

    @AtomicAdd("bytesReceived")
    synchronized void addBytesReceived(long bytes) {
        bytesReceived += bytes;
    }

    @AtomicAdd("packetsSent")
    synchronized void addPacketsSent(long packets) {
        packetsSent += packets;
    }

    @AtomicAdd("packetsReceived")
    synchronized void addPacketsReceived(long packets) {
        packetsReceived += packets;
    }
}
