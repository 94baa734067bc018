package net.sniproxy.bench.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients, proxy and back end in a network namespace each. The proxy's host has a cable to each of the others and routes
 * between them; a third cable joins clients and back end without it. Everything runs on one core, before all other work of
 * the machine.
 */
final class Hosts implements AutoCloseable {
    static final String PROXY = "10.78.1.2";
    static final String BACK_END = "10.78.2.1";
    /** The back end, past the proxy's host. */
    static final String BACK_END_BY_CABLE = "10.78.3.1";

    /** Network of {@link #addSilentSources}, 16 bits. */
    static final String SILENT = "10.79.0.0";

    private static final String[] BEFORE_OTHERS = {"nice", "-n", "-20"};

    private final int core;
    private final String prefix = "sni-bench-" + ProcessHandle.current().pid() + "-";

    Hosts(int core) throws IOException {
        this.core = core;
        try {
            for (String host : List.of("clients", "proxy", "backend")) {
                Shell.run("ip", "netns", "add", prefix + host);
                ip(host, "link", "set", "lo", "up");
                reusePorts(host);
            }
            cable("clients", "10.78.1.1", "proxy", PROXY);
            cable("backend", BACK_END, "proxy", "10.78.2.2");
            cable("clients", "10.78.3.2", "backend", BACK_END_BY_CABLE);
            ip("clients", "route", "add", "10.78.2.0/24", "via", PROXY);
            ip("backend", "route", "add", "10.78.1.0/24", "via", "10.78.2.2");
            Shell.run("ip", "netns", "exec", prefix + "proxy", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Lets a host connect from a port whose last connection to the same place has been over for a second, as gateways are set up:
     * else 28,000 connections within a minute to the one back end take all ports, and a proxy is measured by its waiting.
     */
    private void reusePorts(String host) throws IOException {
        Shell.run("ip", "netns", "exec", prefix + host, "sysctl", "-qw", "net.ipv4.tcp_tw_reuse=1");
    }

    /** Has the proxy answer 10.79.0.0/16 by way of the clients' host, where nobody has these addresses: for forged sources. */
    void addSilentSources() throws IOException {
        ip("proxy", "route", "add", SILENT + "/16", "via", "10.78.1.1");
    }

    /** Has the proxy's host handle what comes from the clients' on the one core, whatever core it was sent on. */
    void receiveOnTheCore() throws IOException {
        String queue = "/sys/class/net/to-clients/queues/rx-0/rps_cpus";
        String mask = Long.toHexString(1L << core);
        Shell.run("ip", "netns", "exec", prefix + "proxy", "sh", "-c", "echo " + mask + " > " + queue);
    }

    /**
     * Has the proxy's end of the clients' cable take frames that have no socket buffer yet, as a driver does ({@link FloodSender}).
     *
     * @return its link-layer address
     */
    String receiveLikeADriver() throws IOException {
        String inside = prefix + "proxy";
        Shell.run("ip", "netns", "exec", inside, "ethtool", "-K", "to-clients", "gro", "on");
        return Shell.run("ip", "netns", "exec", inside, "cat", "/sys/class/net/to-clients/address")
                .strip();
    }

    private void cable(String host, String address, String other, String otherAddress) throws IOException {
        String end = "to-" + other;
        String otherEnd = "to-" + host;
        Shell.run(
                "ip",
                "link",
                "add",
                end,
                "netns",
                prefix + host,
                "type",
                "veth",
                "peer",
                "name",
                otherEnd,
                "netns",
                prefix + other);
        ip(host, "addr", "add", address + "/24", "dev", end);
        ip(other, "addr", "add", otherAddress + "/24", "dev", otherEnd);
        ip(host, "link", "set", end, "up");
        ip(other, "link", "set", otherEnd, "up");
    }

    private void ip(String host, String... command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("ip", "-n", prefix + host));
        whole.addAll(List.of(command));
        Shell.run(whole.toArray(String[]::new));
    }

    /** Starts a program on a host ({@code clients}, {@code proxy}, {@code backend}). */
    Process start(String host, List<String> command) throws IOException {
        return start(host, core, command);
    }

    /** As {@link #start(String, List)}, on another core. */
    Process start(String host, int core, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", prefix + host));
        whole.addAll(List.of(BEFORE_OTHERS));
        whole.addAll(List.of("taskset", "-c", Integer.toString(core)));
        whole.addAll(command);
        return Shell.start(whole);
    }

    /** A run that is interrupted leaves nothing behind either. */
    void closeAtExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endEverything));
    }

    private void endEverything() {
        try {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
            close();
        } catch (IOException e) {
            System.err.println("not everything could be removed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        for (String name : Shell.run("ip", "netns", "list").split("\\s+")) {
            if (name.startsWith(prefix)) {
                Shell.run("ip", "netns", "delete", name);
            }
        }
    }
}
