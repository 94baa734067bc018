package net.sniproxy.e2e.peers;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProxyConfig;

/** dnsmasq as the only DNS server of a test: answers for the names given, and NXDOMAIN for every other. */
public final class Dnsmasq implements AutoCloseable {
    private static final Duration LOGGED = Duration.ofSeconds(20);

    private final Child child;
    private final InetSocketAddress address;

    private Dnsmasq(Child child, InetSocketAddress address) {
        this.child = child;
        this.address = address;
    }

    /**
     * Starts it.
     *
     * @param records dnsmasq options that make records, such as {@code --host-record=a.test,127.0.0.1,60} or
     *     {@code --cname=b.test,a.test}
     */
    public static Dnsmasq start(String... records) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Ports.free());
        List<String> command = new ArrayList<>(List.of(
                "dnsmasq",
                "--keep-in-foreground",
                "--log-facility=-",
                "--log-queries",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--pid-file=",
                "--user=root",
                "--bind-interfaces",
                "--listen-address=127.0.0.1",
                "--port=" + address.getPort(),
                "--local=/#/"));
        command.addAll(List.of(records));
        Child child = Child.start("dnsmasq", command);
        child.awaitLine("the start", Duration.ofSeconds(20), line -> line.contains("started"));
        return new Dnsmasq(child, address);
    }

    /** The server as {@code dns.servers} takes it. */
    public String url() {
        return "udp://" + ProxyConfig.text(address);
    }

    /** How often a name was asked for so far, in any type; to be asked in the network namespace that the server is in. */
    public long queries(String name) {
        // It logs beside answering: behind a question of our own its log has all that came before.
        String last = "last-" + System.nanoTime() + ".test";
        Dig.addresses(url(), last);
        child.awaitLine("its log", LOGGED, line -> isQuestion(line, last));
        return child.output().stream().filter(line -> isQuestion(line, name)).count();
    }

    private static boolean isQuestion(String line, String name) {
        return line.contains("query[") && line.contains("] " + name + " ");
    }

    @Override
    public void close() {
        child.close();
    }
}
