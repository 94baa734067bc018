package net.sniproxy.proxy.event;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One step in the life of a connection. */
public sealed interface ConnectionEvent {
    /** The connection it happened to. */
    ConnectionInfo connection();

    /** Accepted; nothing has been checked or read yet. */
    record Opened(ConnectionInfo connection) implements ConnectionEvent {}

    /**
     * The ClientHello is complete.
     *
     * @param client the client: the peer, or who a trusted peer's PROXY protocol header says it is
     * @param name the server name in canonical form (lower case)
     * @param alpn the application protocols offered, in the client's order
     * @param bytes length of the first flight up to the end of the ClientHello, TLS record headers included
     */
    record HelloRead(
            ConnectionInfo connection, InetSocketAddress client, Optional<String> name, List<String> alpn, int bytes)
            implements ConnectionEvent {}

    /**
     * A route was found.
     *
     * @param route the route's pattern as configured, e.g. {@code *.example.com}
     * @param target the chosen target before resolution, e.g. {@code www.example.com:443}
     */
    record Routed(ConnectionInfo connection, String route, String target) implements ConnectionEvent {}

    /**
     * Connected upstream.
     *
     * @param upstream the address connected to: the SOCKS5 server's when the route goes through one, a unix socket's path
     * @param took from the choice of the target to the established connection, name resolution included
     */
    record Connected(ConnectionInfo connection, SocketAddress upstream, Duration took) implements ConnectionEvent {}

    /**
     * The data path was chosen. Told again when the kernel gives a connection back to the relay before it has carried a byte.
     *
     * @param declined the faster ones that did not carry it, and why
     */
    record PathChosen(ConnectionInfo connection, DataPathKind path, List<PathDeclined> declined)
            implements ConnectionEvent {}

    /**
     * The process stops and leaves the connection to the kernel, for the next process to go on with and to tell its end. Instead
     * of {@link Closed}.
     *
     * @param last what was known of it in the end
     */
    record Left(LiveConnection last) implements ConnectionEvent {
        @Override
        public ConnectionInfo connection() {
            return last.connection();
        }
    }

    /**
     * The end: both legs are closed, the counts are final.
     *
     * @param client as in {@link HelloRead}; the peer if it did not get so far
     * @param name as in {@link HelloRead}
     * @param alpn as in {@link HelloRead}; empty if there was no hello
     * @param route as in {@link Routed}
     * @param target as in {@link Routed}
     * @param upstream as in {@link Connected}
     * @param path the data path that carried it
     * @param pathReason why not a faster one; may be empty
     * @param bytes what it has moved
     * @param duration from accept to the close of the last leg
     * @param ending how it ended
     * @param detail more about the ending, for a log; may be empty; may hold what the client sent, so escape it
     */
    record Closed(
            ConnectionInfo connection,
            InetSocketAddress client,
            Optional<String> name,
            List<String> alpn,
            Optional<String> route,
            Optional<String> target,
            Optional<SocketAddress> upstream,
            Optional<DataPathKind> path,
            String pathReason,
            ByteCounts bytes,
            Duration duration,
            Ending ending,
            String detail)
            implements ConnectionEvent {
        /** Bytes from the client to the upstream. */
        public long bytesUp() {
            return bytes.up();
        }

        /** Bytes from the upstream to the client. */
        public long bytesDown() {
            return bytes.down();
        }
    }
}
