package net.sniproxy.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.proxy.config.IoFailure;
import net.sniproxy.proxy.filter.Cidr;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code sni-proxy filter allow|deny}: one list of the source filter. */
@Command(description = "Change or show this list of sources. Where both lists have a source, allow wins.")
final class FilterListCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String list;
    private final PrintWriter out;

    @Parameters(index = "0", paramLabel = "add|del|list", description = "What to do.")
    private Change change = Change.LIST;

    @Parameters(index = "1..*", paramLabel = "SOURCE", description = "Addresses or blocks such as 10.0.0.0/8.")
    private List<String> sources = List.of();

    @Option(names = "--file", paramLabel = "FILE", description = "A file with one of them a line; # begins a comment.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--ttl", paramLabel = "TIME", description = "With deny add: for how long, such as 10m.")
    private Optional<String> ttl = Optional.empty();

    @Mixin
    private AdminOptions admin = new AdminOptions();

    /** What is done with the list. */
    enum Change {
        ADD,
        DEL,
        LIST
    }

    /** @param list allow or deny */
    FilterListCommand(String list, PrintWriter out) {
        this.list = list;
        this.out = out;
    }

    @Override
    public Integer call() {
        String command = "filter." + list + "." + change.name().toLowerCase(Locale.ROOT);
        ObjectNode arguments = JSON.createObjectNode();
        if (change == Change.LIST) {
            if (!sources.isEmpty() || file.isPresent()) {
                throw new WrongUsage("filter " + list + " list takes no sources: it shows all of them");
            }
            admin.ask(command, arguments).forEach(entry -> out.println(line(entry)));
            return ExitCode.OK;
        }
        arguments.set("sources", named());
        if (ttl.isPresent() && !(list.equals("deny") && change == Change.ADD)) {
            throw new WrongUsage("--ttl goes with: filter deny add");
        }
        ttl.ifPresent(time -> arguments.put("ttl_seconds", FilterCommand.seconds("--ttl", time)));
        JsonNode answer = admin.ask(command, arguments);
        int changed = answer.path("changed").asInt();
        out.println(changed + " changed"
                + (changed == 0 || answer.path("kept").asBoolean()
                        ? ""
                        : ", until the proxy stops (ebpf.xdp.persistence_file keeps changes longer)"));
        answer.path("configured")
                .forEach(source -> out.println(source.asString("") + " stays: the configuration names it (ebpf.xdp."
                        + list + "); change that, then send SIGHUP"));
        return ExitCode.OK;
    }

    private ArrayNode named() {
        sources.forEach(FilterListCommand::requireBlock);
        List<String> all = new ArrayList<>(sources);
        file.ifPresent(path -> all.addAll(lines(path)));
        if (all.isEmpty()) {
            throw new WrongUsage("no source given: name addresses or blocks, or a file with --file");
        }
        ArrayNode array = JSON.createArrayNode();
        all.forEach(array::add);
        return array;
    }

    /** Those of a file are left to the proxy, which says in which place the wrong one is. */
    private static void requireBlock(String source) {
        try {
            Cidr.parse(source);
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be read: " + IoFailure.describe(e), e);
        }
    }

    private static String line(JsonNode entry) {
        if (entry.isString()) {
            return entry.stringValue();
        }
        JsonNode left = entry.path("seconds_left");
        String source = entry.path("source").asString("");
        return left.isMissingNode() ? source : source + " for another " + left.asLong() + " s";
    }
}
