package net.sniproxy.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import net.sniproxy.app.bench.Comparison;
import net.sniproxy.app.bench.LoadClient;
import net.sniproxy.app.bench.LoadServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sni-proxy bench}; its hidden subcommands are the two ends, which it starts as processes of their own. */
@Command(
        name = "bench",
        description = {
            "Compare the data paths on this machine, in less than a minute: round trips of 100 bytes (median and 99th"
                    + " percentile), bulk to the client, new connections.",
            "Changes nothing on the machine: kernel paths are tried in a cgroup and in network namespaces of their own, which"
                    + " needs root. What cannot be tried is named, with the reason."
        })
final class BenchCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Option(
            names = "--each",
            paramLabel = "MS",
            defaultValue = "700",
            description = "Milliseconds for each figure. Default: ${DEFAULT-VALUE}")
    private int millis;

    BenchCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        if (millis < 1) {
            throw new WrongUsage("--each: " + millis + " milliseconds are no time");
        }
        boolean complete = Comparison.run(Duration.ofMillis(millis), line -> {
            out.println(line);
            out.flush();
        });
        return complete ? ExitCode.OK : ExitCode.FAILED;
    }

    /** The back end. */
    @Command(name = "serve", hidden = true)
    int serve(@Parameters(paramLabel = "ADDRESS") String address) throws IOException {
        LoadServer.run(address, out);
        return ExitCode.OK;
    }

    /** The client. */
    @Command(name = "load", hidden = true)
    int load(
            @Parameters(paramLabel = "ADDRESS") String address,
            @Parameters(paramLabel = "PORT") int port,
            @Parameters(paramLabel = "MS") long each,
            @Option(names = "--orderly", description = "Ends connections with FIN.") boolean orderly)
            throws IOException {
        out.println(
                LoadClient.run(address, port, Duration.ofMillis(each), orderly).line());
        return ExitCode.OK;
    }
}
