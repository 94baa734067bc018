package net.sniproxy.e2e.peers;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.Workspace;

/**
 * nginx as a TLS back end (1.2 and 1.3, h2 and http/1.1, early data). {@code /who} tells how the request came in; files are
 * downloaded from and uploaded (PUT) to {@link #root()}.
 */
public final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final String CONFIGURATION = """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_max_body_size 0;
              # A peer that gets no processor for a minute is not to be blamed for it.
              client_header_timeout 10m;
              client_body_timeout 10m;
              send_timeout 10m;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/unused;
              fastcgi_temp_path %1$s/unused;
              uwsgi_temp_path %1$s/unused;
              scgi_temp_path %1$s/unused;
              server {
            %2$s
                ssl_certificate %3$s;
                ssl_certificate_key %4$s;
                ssl_protocols TLSv1.2 TLSv1.3;
                ssl_early_data on;
                root %1$s/www;
                dav_methods PUT;
                location = /who {
                  return 200 "sni=$ssl_server_name tls=$ssl_protocol http=$server_protocol from=$proxy_protocol_addr:$proxy_protocol_port early=$ssl_early_data\\n";
                }
              }
            }
            """;

    private final Child child;
    private final InetSocketAddress address;
    private final Path root;

    private Nginx(Child child, InetSocketAddress address, Path root) {
        this.child = child;
        this.address = address;
        this.root = root;
    }

    /** What nginx listens on, before it starts. */
    public static final class Builder {
        private final List<String> listens = new ArrayList<>();
        private InetSocketAddress last = new InetSocketAddress(0);

        /** Listens on an address. */
        public Builder listen(InetSocketAddress address) {
            return listen(address, "");
        }

        /** Listens on an address and expects the PROXY protocol there. */
        public Builder listenProxyProtocol(InetSocketAddress address) {
            return listen(address, " proxy_protocol");
        }

        /** Listens on a unix socket. */
        public Builder listenUnix(Path path) {
            // It begins to listen in this order, and the last address is waited for.
            listens.addFirst("    listen unix:" + path + " ssl http2;");
            return this;
        }

        private Builder listen(InetSocketAddress address, String option) {
            listens.add("    listen " + ProxyConfig.text(address) + " ssl http2" + option + ";");
            last = address;
            return this;
        }

        /** Starts it and waits until it listens. */
        public Nginx start(Workspace workspace, Certificates certificates) {
            Path root = workspace.directory("www");
            Path file = workspace.write(
                    "nginx.conf",
                    CONFIGURATION.formatted(
                            workspace.directory(),
                            String.join("\n", listens),
                            certificates.certificate(),
                            certificates.key()));
            Child child = Child.start(
                    "nginx", List.of("nginx", "-p", workspace.directory().toString(), "-c", file.toString()));
            child.awaitListening(last.getPort(), START);
            return new Nginx(child, last, root);
        }
    }

    /** An nginx that listens nowhere yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The address it listens on, the last one if there are several. */
    public InetSocketAddress address() {
        return address;
    }

    /** Directory of the files it serves and takes. */
    public Path root() {
        return root;
    }

    /** What it printed. */
    public String log() {
        return child.text();
    }

    @Override
    public void close() {
        child.close();
    }
}
