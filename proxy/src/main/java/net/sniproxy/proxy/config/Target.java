package net.sniproxy.proxy.config;

import java.nio.file.Path;

/** Where connections go: {@code host:port}, {@code [v6]:port}, {@code *:port} or {@code unix:/path}. */
public sealed interface Target {
    /** The text form, as it is configured. */
    @Override
    String toString();

    /**
     * A host and a port.
     *
     * @param host a canonical DNS name or an IP address literal, IPv6 without brackets
     */
    record HostPort(String host, int port) implements Target {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** The name that the client asks for, at a port. */
    record Requested(int port) implements Target {
        @Override
        public String toString() {
            return "*:" + port;
        }
    }

    /** A unix stream socket. */
    record Unix(Path path) implements Target {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException with a message that says what is wrong with the text
     */
    static Target parse(String text) {
        return TargetSyntax.parse(text);
    }
}
