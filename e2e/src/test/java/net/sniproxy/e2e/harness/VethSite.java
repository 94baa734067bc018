package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The proxy alone in a network namespace, with two virtual Ethernet links: clients come over one, back ends are behind the
 * other. Every byte crosses two interfaces, and a link can fail. Needs root; removes all it made.
 */
public final class VethSite implements Site {
    private static final Set<VethSite> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(VethSite::close), "remove-namespaces"));
    }

    // 10.S.T.0/30 for clients and 10.S.T.4/30 for back ends; a clash with a parallel run is 1 in 65,000.
    private final int block = ThreadLocalRandom.current().nextInt(1, 0xfe00);
    private final String id = Integer.toHexString(block);
    private final String namespace = "sni-e2e-" + id;
    private final String clientLink = "snc" + id;
    private final String backEndLink = "snb" + id;

    /** Makes the namespace and its links. */
    public VethSite() {
        OPEN.add(this);
        try {
            ip("netns", "add", namespace);
            inside("ip", "link", "set", "lo", "up");
            link(clientLink, 1, 2);
            link(backEndLink, 6, 5);
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    private void link(String name, int outerHost, int innerHost) {
        ip("link", "add", name, "type", "veth", "peer", "name", name + "p", "netns", namespace);
        ip("addr", "add", address(outerHost) + "/30", "dev", name);
        ip("link", "set", name, "up");
        inside("ip", "addr", "add", address(innerHost) + "/30", "dev", name + "p");
        inside("ip", "link", "set", name + "p", "up");
    }

    private String address(int host) {
        return "10." + (block >> 8) + "." + (block & 0xff) + "." + host;
    }

    @Override
    public InetAddress proxyAddress() {
        return InetAddress.ofLiteral(address(2));
    }

    @Override
    public InetAddress backEndAddress() {
        return InetAddress.ofLiteral(address(6));
    }

    @Override
    public List<String> prefix() {
        return List.of("ip", "netns", "exec", namespace);
    }

    /** Name of the namespace the proxy runs in. */
    public String namespace() {
        return namespace;
    }

    /** Name, inside the namespace, of the link over which clients come. */
    public String clientInterface() {
        return clientLink + "p";
    }

    /** Name, inside the namespace, of the link behind which back ends are. */
    public String backEndInterface() {
        return backEndLink + "p";
    }

    /** From now on packets to and from clients are lost without a word. */
    public void cutClients() {
        inside("ip", "link", "set", clientInterface(), "down");
    }

    /** From now on packets to and from back ends are lost without a word. */
    public void cutBackEnds() {
        inside("ip", "link", "set", backEndInterface(), "down");
    }

    /** Runs a command in the namespace. */
    public String inside(String... command) {
        return Child.run(
                Stream.concat(prefix().stream(), Arrays.stream(command)).toList());
    }

    private static void ip(String... arguments) {
        Child.run(Stream.concat(Stream.of("ip"), Arrays.stream(arguments)).toList());
    }

    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        // The links go with the namespace that holds their other ends.
        try (Child delete = Child.start("ip", List.of("ip", "netns", "delete", namespace))) {
            delete.awaitExit(Duration.ofSeconds(10));
        }
    }
}
