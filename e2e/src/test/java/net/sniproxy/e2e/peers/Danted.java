package net.sniproxy.e2e.peers;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.Workspace;

/**
 * Dante as a SOCKS5 server. It runs in a mount namespace of its own, with its own users and its own hosts file: names that
 * only it can resolve show that resolving was left to it. Needs root.
 */
public final class Danted implements AutoCloseable {
    private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    private static final Duration START = Duration.ofSeconds(20);
    private static final String CONFIGURATION = """
            logoutput: stderr
            internal: %1$s port = %2$d
            external: %1$s
            clientmethod: none
            socksmethod: %3$s
            user.privileged: root
            user.unprivileged: nobody
            client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
            socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 log: connect error }
            """;
    /** Makes the files of this run those of the whole machine, for this process only. */
    private static final String IN_OWN_FILES = """
            for file in passwd shadow hosts; do mount --bind "$0/$file" "/etc/$file" || exit 1; done
            exec danted -f "$0/danted.conf"
            """;

    private final Child child;
    private final InetSocketAddress address;

    private Danted(Child child, InetSocketAddress address) {
        this.child = child;
        this.address = address;
    }

    /** Starts one that asks for nothing. */
    public static Danted open(Workspace workspace, Map<String, String> hosts) {
        return open(workspace, hosts, LOCALHOST);
    }

    /** As {@link #open(Workspace, Map)}, on an address of this host. */
    public static Danted open(Workspace workspace, Map<String, String> hosts, InetAddress at) {
        workspace.write("shadow", "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n");
        return start(workspace, hosts, at, "none");
    }

    /** Starts one that knows a single user. */
    public static Danted withUser(Workspace workspace, Map<String, String> hosts, String user, String password) {
        String hash = Child.run(List.of("openssl", "passwd", "-6", password)).trim();
        workspace.write(
                "shadow",
                "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n" + user + ":" + hash
                        + ":19000:0:99999:7:::\n");
        return start(workspace, hosts, LOCALHOST, "username", user + ":x:4711:65534::/:/bin/false\n");
    }

    private static Danted start(
            Workspace workspace, Map<String, String> hosts, InetAddress at, String method, String... users) {
        InetSocketAddress address = new InetSocketAddress(at, Ports.free());
        workspace.write(
                "passwd",
                "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" + String.join("", users));
        workspace.write(
                "hosts",
                hosts.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
                        .collect(Collectors.joining()));
        workspace.write(
                "danted.conf",
                CONFIGURATION.formatted(address.getAddress().getHostAddress(), address.getPort(), method));
        Child child = Child.start(
                "danted",
                List.of(
                        "unshare",
                        "--mount",
                        "/bin/sh",
                        "-c",
                        IN_OWN_FILES,
                        workspace.directory().toString()));
        child.awaitListening(address.getPort(), START);
        return new Danted(child, address);
    }

    /** {@code host:port} for the configuration of the proxy. */
    public String target() {
        return ProxyConfig.text(address);
    }

    /** What it logged: a line for each connect. */
    public String log() {
        return child.text();
    }

    @Override
    public void close() {
        child.close();
    }
}
