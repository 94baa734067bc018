package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.proxy.filter.Cidr;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code sni-proxy explain}: what would become of a connection. */
@Command(
        name = "explain",
        description = "Say what the running proxy would do with a connection, and by which rule, as JSON.")
final class ExplainCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final PrintWriter out;

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Option(names = "--client", required = true, paramLabel = "IP", description = "The source address.")
    private String client = "";

    @Option(
            names = "--name",
            paramLabel = "SNI",
            description = "The requested name; without it: a hello without a name.")
    private Optional<String> name = Optional.empty();

    ExplainCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        requireAddress();
        ObjectNode arguments = JSON.createObjectNode().put("client", client);
        name.ifPresent(sni -> arguments.put("sni", sni));
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(admin.ask("explain", arguments)));
        return ExitCode.OK;
    }

    private void requireAddress() {
        try {
            Cidr.address(client);
        } catch (IllegalArgumentException e) {
            throw new WrongUsage("--client: " + e.getMessage(), e);
        }
    }
}
