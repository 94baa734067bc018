package net.sniproxy.app;

import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import net.sniproxy.app.hello.HelloFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sni-proxy hello}: decodes ClientHellos in files. */
@Command(
        name = "hello",
        description = {
            "Decode ClientHellos: what a client asked for, as the proxy sees it.",
            "A file holds the first bytes a client sent, a hex dump of them, or a packet capture (pcap, pcapng).",
            "Prints one JSON object a line for each ClientHello."
        })
final class HelloCommand implements Callable<Integer> {
    private final InputStream in;
    private final PrintWriter out;
    private final PrintWriter err;

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Files, - for standard input (the default).")
    private List<String> files = List.of("-");

    HelloCommand(InputStream in, PrintWriter out, PrintWriter err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        return new HelloFiles(in, out, err).decode(files) ? ExitCode.OK : ExitCode.FAILED;
    }
}
