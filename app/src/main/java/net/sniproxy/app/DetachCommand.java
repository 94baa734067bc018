package net.sniproxy.app;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.datapath.splice.SpliceService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sni-proxy detach}: removes what a proxy that has ended left in the kernel. */
@Command(
        name = "detach",
        description =
                "Remove what a stopped or killed proxy left in the kernel: connections that it forwards alone, programs,"
                        + " maps. Refused while a proxy runs.")
final class DetachCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final ConfigFiles files;

    @Option(names = "-c", paramLabel = "FILE", description = "The configuration, for ebpf.splice.pin.")
    private Optional<Path> option = Optional.empty();

    DetachCommand(PrintWriter out, ConfigFiles files) {
        this.out = out;
        this.files = files;
    }

    @Override
    public Integer call() {
        Path pin = files.load(option.orElseGet(() -> files.firstDefault(out)))
                .ebpf()
                .splice()
                .pin();
        try {
            List<Path> removed = SpliceService.detach(Kernel.running(), pin);
            removed.forEach(path -> out.println("removed " + path));
            if (removed.isEmpty()) {
                out.println("nothing was left in " + pin);
            }
            return ExitCode.OK;
        } catch (BpfException | IllegalStateException | UncheckedIOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }
}
