package net.sniproxy.app;

import java.nio.file.Path;
import java.util.Optional;
import net.sniproxy.proxy.admin.AdminClient;
import net.sniproxy.proxy.admin.AdminException;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What commands that ask a running proxy have in common. */
final class AdminOptions {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The admin socket of the proxy; needed only where several run, or admin_socket is set.")
    private Optional<Path> socket = Optional.empty();

    /** Asks the running proxy. */
    JsonNode ask(String command, JsonNode arguments) {
        try {
            return AdminClient.of(socket).ask(command, arguments);
        } catch (AdminException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }
}
