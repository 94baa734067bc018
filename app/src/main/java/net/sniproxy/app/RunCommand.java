package net.sniproxy.app;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sni-proxy run}: the proxy, until a signal ends it. */
@Command(
        name = "run",
        description = "Run the proxy. SIGTERM, SIGINT and SIGQUIT let connections end (timeouts.drain), then stop;"
                + " SIGHUP reads the configuration again.")
final class RunCommand implements Callable<Integer> {
    private final ConfigFiles files;

    @Option(names = "-c", paramLabel = "FILE", description = "The configuration.")
    private Optional<Path> option = Optional.empty();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The same without -c. Without either: ./config.json, else /etc/sni-proxy/config.json.")
    private Optional<Path> parameter = Optional.empty();

    RunCommand(ConfigFiles files) {
        this.files = files;
    }

    @Override
    public Integer call() {
        return run(option.or(() -> parameter));
    }

    /** Runs with a file, or with the first default that is there. */
    int run(Optional<Path> file) {
        return new Server(file.orElseGet(files::firstDefault), files).run();
    }
}
