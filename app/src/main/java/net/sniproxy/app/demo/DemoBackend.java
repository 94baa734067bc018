package net.sniproxy.app.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** An HTTPS server on a port of its own that says who it is. Its owner closes it. */
final class DemoBackend implements AutoCloseable {
    private final String name;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Starts it.
     *
     * @param name what it calls itself
     * @param tls the newest TLS version it speaks, as Java names it
     */
    DemoBackend(String name, String tls, SSLContext context) throws IOException {
        this.name = name;
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters connection) {
                SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
                parameters.setProtocols(new String[] {tls});
                parameters.setApplicationProtocols(new String[] {"http/1.1"});
                connection.setSSLParameters(parameters);
            }
        });
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    String name() {
        return name;
    }

    /** As a target of the proxy's configuration. */
    String target() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String protocol = exchange instanceof HttpsExchange https
                    ? https.getSSLSession().getProtocol()
                    : exchange.getProtocol();
            byte[] body = "This is back end \"%s\", spoken to over %s from end to end.\n"
                    .formatted(name, protocol)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.getResponseHeaders().set("X-Back-End", name);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
