package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sni-proxy version}. */
@Command(name = "version", description = "Print the version and what it runs on.")
final class VersionCommand implements Callable<Integer> {
    private final PrintWriter out;

    VersionCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        out.println(BuildInfo.describe());
        return ExitCode.OK;
    }
}
