package net.sniproxy.app;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.app.Signals.Signal;
import net.sniproxy.app.top.LiveScreen;
import net.sniproxy.app.top.Sample;
import net.sniproxy.app.top.Screen;
import net.sniproxy.app.top.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code sni-proxy top}: the traffic of a running proxy as it happens. */
@Command(
        name = "top",
        description = "Show the live traffic of the running proxy: connections, names, clients, routes, drops.",
        footer = {
            "",
            "Keys: c connections, n names, l clients, r routes, s sort, / filter, q quit.",
            "Without a terminal it shows one view, as with --once."
        })
final class TopCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int WIDTH_ON_PAPER = 160;

    private final PrintWriter out;

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Option(names = "--once", description = "Show one view and end.")
    private boolean once;

    @Option(names = "--json", description = "The view as JSON, with everything in it; goes with --once.")
    private boolean json;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "Time between two looks, which rates are taken from (default: ${DEFAULT-VALUE}).")
    private String interval = "1s";

    @Option(
            names = "--show",
            paramLabel = "ROWS",
            defaultValue = "connections",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private View.Rows rows = View.Rows.CONNECTIONS;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            defaultValue = "rate",
            description =
                    "One of ${COMPLETION-CANDIDATES}; open is the age of a connection (default: ${DEFAULT-VALUE}).")
    private View.Sort sort = View.Sort.RATE;

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only connections, names, clients and routes with this text.")
    private Optional<String> filter = Optional.empty();

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "100",
            description = "With --once: of each list, the first so many by --sort (default: ${DEFAULT-VALUE}).")
    private int most = 100;

    TopCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (json && !once) {
            throw new WrongUsage("--json goes with --once");
        }
        Duration time = Duration.ofSeconds(FilterCommand.seconds("--interval", interval));
        if (most < 0) {
            throw new WrongUsage("--most: " + most + " is less than nothing");
        }
        if (once || !isTerminal()) {
            showOnce(time);
        } else {
            follow(time);
        }
        return ExitCode.OK;
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void showOnce(Duration time) {
        JsonNode before = ask();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Sample sample = Sample.of(ask(), before).first(sort, most);
        if (json) {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(sample.json()));
        } else {
            Screen.lines(sample, new View(rows, sort, ""), WIDTH_ON_PAPER, Integer.MAX_VALUE)
                    .forEach(out::println);
        }
    }

    private void follow(Duration time) {
        LiveScreen screen = new LiveScreen(this::ask, time, new View(rows, sort, ""));
        for (Signal signal : Signal.values()) {
            Signals.handle(signal, screen::stop);
        }
        try {
            screen.run();
        } catch (IOException e) {
            throw new CommandFailure("the terminal cannot be used: " + e.getMessage() + "; try --once", e);
        }
    }

    private JsonNode ask() {
        ObjectNode arguments = JSON.createObjectNode().put("most", Sample.ROWS);
        filter.ifPresent(text -> arguments.put("filter", text));
        return admin.ask("top", arguments);
    }
}
