package net.sniproxy.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.proxy.config.Config;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sni-proxy check}: reads a configuration and starts nothing. */
@Command(name = "check", description = "Check a configuration without starting anything.")
final class CheckCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final ConfigFiles files;

    @Option(names = "-c", paramLabel = "FILE", description = "The configuration.")
    private Optional<Path> option = Optional.empty();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The same without -c.")
    private Optional<Path> parameter = Optional.empty();

    CheckCommand(PrintWriter out, ConfigFiles files) {
        this.out = out;
        this.files = files;
    }

    @Override
    public Integer call() {
        return check(option.or(() -> parameter).orElseGet(files::firstDefault));
    }

    int check(Path file) {
        Config config = files.load(file);
        out.println("%s: ok (listens on %s; %d routes, %d names)"
                .formatted(
                        file,
                        Addresses.list(config.listenAddr()),
                        config.routes().size(),
                        config.whitelist().size() + config.socks5Whitelist().size()));
        return ExitCode.OK;
    }
}
