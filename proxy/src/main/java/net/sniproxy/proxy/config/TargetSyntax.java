package net.sniproxy.proxy.config;

import java.nio.file.Path;

/** The text form of targets. */
final class TargetSyntax {
    private static final String UNIX = "unix:";

    private TargetSyntax() {}

    static Target parse(String text) {
        if (text.startsWith(UNIX)) {
            return new Target.Unix(Path.of(text.substring(UNIX.length())));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("has no port");
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon);
        return host.equals("*") ? new Target.Requested(port) : new Target.HostPort(host, port);
    }
}
