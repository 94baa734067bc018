package net.sniproxy.app;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code sni-proxy} without a subcommand: the short forms {@code -V}, {@code -t -c FILE} (check), {@code -c FILE}
 * and {@code FILE} (run),
 * and the options that every subcommand has.
 */
@Command(
        name = "sni-proxy",
        description = "Routes TLS connections by the name in their ClientHello, without decrypting them.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage.",
            "A first look, without any configuration: sni-proxy demo"
        })
final class SniProxyCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final CheckCommand check;
    private final RunCommand run;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-V", "--version"},
            description = "Same as: version")
    private boolean version;

    @Option(names = "-t", description = "With -c, same as: check -c FILE")
    private boolean test;

    @Option(names = "-c", paramLabel = "FILE", description = "Same as: run -c FILE")
    private Optional<Path> file = Optional.empty();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Same as: run FILE")
    private Optional<Path> parameter = Optional.empty();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean verbose;

    SniProxyCommand(PrintWriter out, CheckCommand check, RunCommand run) {
        this.out = out;
        this.check = check;
        this.run = run;
    }

    boolean verbose() {
        return verbose;
    }

    @Override
    public Integer call() {
        if (version) {
            return new VersionCommand(out).call();
        }
        Optional<Path> named = file.or(() -> parameter);
        if (test) {
            return check.check(named.orElseThrow(() -> usageError("-t needs a file: -t -c FILE")));
        }
        if (named.isEmpty()) {
            throw usageError("no command given");
        }
        if (looksLikeCommand(named.get())) {
            throw usageError("'" + named.get() + "' is neither a command nor a file");
        }
        return run.run(named);
    }

    private static boolean looksLikeCommand(Path word) {
        return word.toString().matches("[a-z]+") && !Files.exists(word);
    }

    private ParameterException usageError(String message) {
        CommandSpec known = spec;
        if (known == null) {
            throw new IllegalStateException("not created by the command line parser");
        }
        CommandLine commandLine = known.commandLine();
        return new ParameterException(commandLine, message);
    }
}
