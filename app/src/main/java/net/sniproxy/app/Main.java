package net.sniproxy.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import net.sniproxy.proxy.logging.Logging;

/** Entry point of the {@code sni-proxy} command. */
public final class Main {
    private Main() {}

    /**
     * Runs one command and ends the process with its exit code: 0, 1 for a failure, 2 for a usage error.
     *
     * @param arguments the words after {@code sni-proxy}
     */
    public static void main(String[] arguments) {
        Signals.takeBlocked();
        Logging.warningsOnly();
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = CommandLines.sniProxy(out, err).execute(arguments);
        out.flush();
        err.flush();
        System.exit(exitCode);
    }
}
