package net.sniproxy.proxy.upstream;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;

/** Connection failures in words for a log. */
final class Failures {
    private Failures() {}

    /** The innermost cause's message, with the address it concerns if the message does not say so itself. */
    static String describe(SocketAddress address, Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = Objects.requireNonNullElse(root.getMessage(), root.toString());
        String where = address.toString();
        // Addresses without a name begin with a slash, as paths do.
        String readable = address instanceof InetSocketAddress && where.startsWith("/") ? where.substring(1) : where;
        return message.contains(readable) ? message : readable + ": " + message;
    }
}
