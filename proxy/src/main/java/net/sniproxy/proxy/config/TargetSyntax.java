package net.sniproxy.proxy.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The text forms of targets and of hosts with ports. */
final class TargetSyntax {
    /** The longest path that fits into sockaddr_un with its final NUL. */
    private static final int MAX_UNIX_PATH = 107;

    private static final String UNIX = "unix:";
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");

    private TargetSyntax() {}

    static Target parse(String text) {
        if (text.startsWith(UNIX)) {
            return unix(text.substring(UNIX.length()));
        }
        if (text.startsWith("*:")) {
            return new Target.Requested(port(text.substring(2), 1));
        }
        return hostPort(text);
    }

    /** {@code host:port}, or {@code [v6]:port}. */
    static Target.HostPort hostPort(String text) {
        int colon = portColon(text);
        return new Target.HostPort(HostName.nameOrAddress(host(text, colon)), port(text.substring(colon + 1), 1));
    }

    /** The colon between host and port. */
    static int portColon(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.endsWith("]")) {
            throw new IllegalArgumentException("has no port");
        }
        return colon;
    }

    /** The host before the colon, without brackets. */
    static String host(String text, int colon) {
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]") && host.indexOf(':') > 0) {
            return host.substring(1, host.length() - 1);
        }
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address needs brackets: [" + host + "]:" + text.substring(colon + 1));
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("has no host");
        }
        return host;
    }

    static int port(String text, int min) {
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (port < min || port > 0xffff) {
            throw new IllegalArgumentException("port \"" + text + "\" is not " + min + " to 65535");
        }
        return port;
    }

    private static Target unix(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the path of a unix socket begins with /");
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > MAX_UNIX_PATH) {
            throw new IllegalArgumentException("the path of a unix socket has at most " + MAX_UNIX_PATH + " bytes");
        }
        return new Target.Unix(Path.of(path));
    }
}
