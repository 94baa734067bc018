package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code sni-proxy filter}: the source filter of a running proxy. */
@Command(
        name = "filter",
        description = "Ask and change the source filter (XDP) of the running proxy.",
        footer = {
            "",
            "Changes last until the proxy stops, or with ebpf.xdp.persistence_file until they are taken back.",
            "  sni-proxy filter deny add 192.0.2.0/24 --ttl 10m",
            "  sni-proxy filter status"
        })
final class FilterCommand implements Runnable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern DURATION = Pattern.compile("(0*[1-9][0-9]{0,8})([smhd])");

    private final PrintWriter out;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec filter;

    FilterCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        throw new ParameterException(
                filter.commandLine(), "a command is missing: allow, deny, status, commit or revert");
    }

    @Command(name = "status", description = "What the filter does, and what it has done, as JSON.")
    Integer status(@Mixin AdminOptions admin) {
        out.println(JSON.writerWithDefaultPrettyPrinter()
                .writeValueAsString(admin.ask("filter.status", JSON.createObjectNode())));
        return ExitCode.OK;
    }

    @Command(
            name = "commit",
            description = {
                "Judge every packet of the interfaces (ebpf.xdp.scope is interface), not only those to listen ports.",
                "With --confirm it reverts by itself after that time; commit without it makes it last."
            })
    Integer commit(
            @Option(
                            names = "--confirm",
                            paramLabel = "TIME",
                            description = "Begin a trial of this length, such as 60s.")
                    Optional<String> confirm,
            @Mixin AdminOptions admin) {
        ObjectNode arguments = JSON.createObjectNode();
        confirm.ifPresent(time -> arguments.put("confirm_seconds", seconds("--confirm", time)));
        out.println("judges: "
                + admin.ask("filter.commit", arguments).path("judges").asString(""));
        if (confirm.isPresent()) {
            out.println("still there? make it last within " + confirm.get() + ": sni-proxy filter commit");
        }
        return ExitCode.OK;
    }

    @Command(name = "revert", description = "Judge only packets to listen ports again, after commit.")
    Integer revert(@Mixin AdminOptions admin) {
        out.println("judges: "
                + admin.ask("filter.revert", JSON.createObjectNode())
                        .path("judges")
                        .asString(""));
        return ExitCode.OK;
    }

    /** Seconds of a duration such as 60s, 10m or 2h. */
    static long seconds(String option, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new WrongUsage(option + ": \"" + text + "\" is no duration such as 60s, 10m or 2h");
        }
        long unit = switch (matcher.group(2)) {
            case "m" -> 60;
            case "h" -> 3600;
            case "d" -> 86_400;
            default -> 1;
        };
        return Long.parseLong(matcher.group(1)) * unit;
    }
}
