package net.sniproxy.app.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that asks the proxy for a name as any client would that was led to the proxy by DNS. Immutable. */
final class DemoClient {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int HTTPS_PORT = 443;
    private static final String BACK_END_HEADER = "X-Back-End: ";

    private final SSLContext context;
    private final InetSocketAddress proxy;

    /** What came of a request. */
    sealed interface Outcome {
        /**
         * An HTTP answer.
         *
         * @param backEnd who answered
         * @param alpn the application protocol that both sides agreed on
         */
        record Answer(String backEnd, String tls, String alpn, int status, Duration took) implements Outcome {}

        /** No TLS connection came about, or it broke. */
        record Failure(String reason) implements Outcome {}
    }

    DemoClient(SSLContext context, InetSocketAddress proxy) {
        this.context = context;
        this.proxy = proxy;
    }

    /** Asks for {@code https://NAME/}, with every check of the certificate that a browser makes. Blocks. */
    Outcome get(String name) {
        long start = System.nanoTime();
        try (Socket plain = new Socket()) {
            plain.connect(proxy, TIMEOUT_MILLIS);
            plain.setSoTimeout(TIMEOUT_MILLIS);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, name, HTTPS_PORT, true)) {
                tls.setSSLParameters(parameters(tls.getSSLParameters(), name));
                tls.startHandshake();
                return exchange(tls, name, start);
            }
        } catch (SSLException e) {
            return new Outcome.Failure(reason(e));
        } catch (IOException e) {
            return new Outcome.Failure(e.toString());
        }
    }

    private static SSLParameters parameters(SSLParameters parameters, String name) {
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        return parameters;
    }

    private static Outcome exchange(SSLSocket tls, String name, long start) throws IOException {
        tls.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                        .formatted(name)
                        .getBytes(StandardCharsets.US_ASCII));
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(tls.getInputStream(), StandardCharsets.ISO_8859_1));
        List<String> lines = reader.lines().toList();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        String[] status = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ");
        if (status.length < 2) {
            return new Outcome.Failure("no HTTP answer");
        }
        String backEnd = lines.stream()
                .filter(line -> line.regionMatches(true, 0, BACK_END_HEADER, 0, BACK_END_HEADER.length()))
                .map(line -> line.substring(BACK_END_HEADER.length()))
                .findFirst()
                .orElse("?");
        return new Outcome.Answer(
                backEnd,
                tls.getSession().getProtocol(),
                tls.getApplicationProtocol(),
                Integer.parseInt(status[1]),
                took);
    }

    private static String reason(SSLException failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return message.replaceFirst("^\\(.*?\\) ", "").replace("Received fatal alert: ", "TLS alert ");
    }
}
