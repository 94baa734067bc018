package net.sniproxy.e2e.peers;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.ProxyConfig;

/** The openssl command as a TLS server and as a TLS client. */
public final class OpenSsl {
    private static final Duration START = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private OpenSsl() {}

    /**
     * {@code openssl s_server} that accepts early data and offers h2 and http/1.1; it prints what it receives and sends
     * what is typed.
     *
     * @return once it listens; its output tells what it negotiated and received
     */
    public static Child server(InetSocketAddress address, Certificates certificates, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_server",
                "-accept",
                ProxyConfig.text(address),
                "-cert",
                certificates.certificate().toString(),
                "-key",
                certificates.key().toString(),
                "-alpn",
                "h2,http/1.1",
                "-early_data"));
        command.addAll(List.of(options));
        return Child.start("s_server", command).awaitListening(address.getPort(), START);
    }

    /**
     * {@code openssl s_client}, once it has a session: one line goes to {@code server} and one comes back, then it closes.
     *
     * @return everything the client printed: protocol, cipher, ALPN, whether early data was accepted
     */
    public static String talk(
            InetSocketAddress to, String name, Certificates certificates, Child server, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-connect",
                ProxyConfig.text(to),
                "-servername",
                name,
                "-CAfile",
                certificates.authority().toString(),
                "-verify_return_error"));
        command.addAll(List.of(options));
        String question = "question " + System.nanoTime();
        String answer = "answer " + System.nanoTime();
        try (Child child = Child.start("s_client", command)) {
            child.type(question + "\n");
            server.awaitLine(question, LIMIT, question::equals);
            server.type(answer + "\n");
            child.awaitLine(answer, LIMIT, answer::equals);
            child.closeInput();
            child.awaitExit(LIMIT);
            return child.text();
        }
    }
}
