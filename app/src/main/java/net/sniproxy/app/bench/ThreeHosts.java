package net.sniproxy.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Client, proxy and back end in a network namespace each, joined by cables as over a network; the proxy's routes. Needs root. */
final class ThreeHosts implements Place {
    private static final String CLIENT_SIDE = "192.0.2.";
    private static final String BACK_END_SIDE = "198.51.100.";

    private final String prefix = "sni-proxy-bench-" + ProcessHandle.current().pid() + "-";

    private ThreeHosts() {}

    /**
     * Makes them.
     *
     * @throws IOException if that is impossible; nothing is left behind then
     */
    static ThreeHosts make() throws IOException {
        ThreeHosts hosts = new ThreeHosts();
        try {
            hosts.build();
            return hosts;
        } catch (IOException e) {
            hosts.close();
            throw e;
        }
    }

    private void build() throws IOException {
        for (Role role : Role.values()) {
            ip("netns", "add", name(role));
            ip("-n", name(role), "link", "set", "lo", "up");
        }
        cable(Role.CLIENT, CLIENT_SIDE);
        cable(Role.BACK_END, BACK_END_SIDE);
        run(List.of("ip", "netns", "exec", name(Role.PROXY), "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"));
    }

    /** Joins an end (.2) with the proxy (.1). */
    private void cable(Role end, String network) throws IOException {
        String there = "to-" + end.name().toLowerCase(Locale.ROOT).replace('_', '-');
        ip("link", "add", "eth0", "netns", name(end), "type", "veth", "peer", "name", there, "netns", name(Role.PROXY));
        ip("-n", name(end), "addr", "add", network + "2/24", "dev", "eth0");
        ip("-n", name(Role.PROXY), "addr", "add", network + "1/24", "dev", there);
        ip("-n", name(end), "link", "set", "eth0", "up");
        ip("-n", name(Role.PROXY), "link", "set", there, "up");
        ip("-n", name(end), "route", "add", "default", "via", network + "1");
    }

    private String name(Role role) {
        return prefix + role.name().toLowerCase(Locale.ROOT);
    }

    private static void ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        run(command);
    }

    private static void run(List<String> command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("the program ip is needed (package iproute2)", e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        Retry.until(() -> !process.isAlive(), "the end of " + command.getFirst());
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    @Override
    public List<String> prefix(Role role) {
        return List.of("ip", "netns", "exec", name(role));
    }

    @Override
    public String address(Role role) {
        return switch (role) {
            case CLIENT -> CLIENT_SIDE + "2";
            case PROXY -> CLIENT_SIDE + "1";
            case BACK_END -> BACK_END_SIDE + "2";
        };
    }

    @Override
    public void close() throws IOException {
        for (Role role : Role.values()) {
            if (Files.exists(Path.of("/run/netns", name(role)))) {
                ip("netns", "delete", name(role));
            }
        }
    }
}
