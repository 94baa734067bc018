package net.sniproxy.bench.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One way from the clients to the back end.
 *
 * @param name for the report
 * @param host where clients connect
 * @param command what runs on the proxy's host; empty when packets need nobody
 */
record Contender(String name, String host, List<String> command) {
    /** The cable that goes past the proxy's host: what the ends alone cost. */
    static final String CABLE = "one cable, no proxy's host";
    /** Routed by the proxy's host. */
    static final String DIRECT = "direct (routed)";

    static final String SPLICE = "SNI-Proxy splice";
    static final String RELAY = "SNI-Proxy relay";

    private static final String UPSTREAM = Hosts.BACK_END + ":" + Wire.PORT;
    private static final String LISTEN = Hosts.PROXY + ":" + Wire.PORT;

    private static final String OWN = """
            {"listen_addr": "%s", "deny_private_upstreams": false, "log": {"level": "warn"},
             "ebpf": {"enabled": %s, "sockmap": {"enabled": false}}, "routes": [{"match": "%s", "upstream": "%s"}]}
            """;
    private static final String HAPROXY = """
            global
              nbthread 1
              maxconn 4000
            defaults
              mode tcp
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend tls
              bind %s
              tcp-request inspect-delay 5s
              tcp-request content accept if { req.ssl_hello_type 1 }
              use_backend app if { req.ssl_sni -i %s }
            backend app
              server one %s
            """;
    private static final String NGINX = """
            load_module /usr/lib/nginx/modules/ngx_stream_module.so;
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log %1$s/nginx.log;
            events { worker_connections 10000; }
            stream {
              map $ssl_preread_server_name $upstream { %3$s %4$s; }
              server { listen %2$s backlog=4096; ssl_preread on; proxy_pass $upstream; }
            }
            """;
    private static final String SNIPROXY = """
            user root
            pidfile %1$s/sniproxy.pid
            error_log {
              filename %1$s/sniproxy.log
            }
            listener %2$s {
              protocol tls
              table names
            }
            table names {
              %3$s %4$s
            }
            """;

    /**
     * All of them, in the order of the report.
     *
     * @param directory for their files
     * @param launcher starts this proxy
     */
    static List<Contender> all(Path directory, String launcher) throws IOException {
        Path haproxy =
                Files.writeString(directory.resolve("haproxy.cfg"), HAPROXY.formatted(LISTEN, Wire.NAME, UPSTREAM));
        Path nginx = Files.writeString(
                directory.resolve("nginx.conf"), NGINX.formatted(directory, LISTEN, Wire.NAME, UPSTREAM));
        String pattern = Wire.NAME.replace(".", "\\.");
        Path sniproxy = Files.writeString(
                directory.resolve("sniproxy.conf"), SNIPROXY.formatted(directory, LISTEN, pattern, UPSTREAM));
        return List.of(
                new Contender(CABLE, Hosts.BACK_END_BY_CABLE, List.of()),
                new Contender(DIRECT, Hosts.BACK_END, List.of()),
                own(directory, launcher, SPLICE, true),
                own(directory, launcher, RELAY, false),
                new Contender("HAProxy", Hosts.PROXY, List.of("haproxy", "-db", "-f", haproxy.toString())),
                new Contender(
                        "nginx stream",
                        Hosts.PROXY,
                        List.of("nginx", "-p", directory.toString(), "-c", nginx.toString())),
                new Contender("sniproxy", Hosts.PROXY, List.of("sniproxy", "-f", "-c", sniproxy.toString())));
    }

    private static Contender own(Path directory, String launcher, String name, boolean kernel) throws IOException {
        Path file = Files.writeString(
                directory.resolve("own-" + kernel + ".json"), OWN.formatted(LISTEN, kernel, Wire.NAME, UPSTREAM));
        List<String> command = List.of(launcher, "run", "-c", file.toString());
        return new Contender(name, Hosts.PROXY, command);
    }
}
