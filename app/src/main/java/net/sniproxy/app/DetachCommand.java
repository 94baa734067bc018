package net.sniproxy.app;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.splice.SpliceService;
import net.sniproxy.proxy.dns.KernelCacheSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sni-proxy detach}: removes what a proxy that has ended left in the kernel. */
@Command(
        name = "detach",
        description =
                "Remove what a stopped or killed proxy left in the kernel: connections that it forwards alone, programs,"
                        + " maps, the DNS cache. Refused while a proxy runs.")
final class DetachCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final ConfigFiles files;

    @Option(
            names = "-c",
            paramLabel = "FILE",
            description = "The configuration, for ebpf.splice.pin and ebpf.dns_cache.pin.")
    private Optional<Path> option = Optional.empty();

    DetachCommand(PrintWriter out, ConfigFiles files) {
        this.out = out;
        this.files = files;
    }

    @Override
    public Integer call() {
        EbpfConfig ebpf = files.load(option.orElseGet(files::firstDefault)).ebpf();
        Path pin = ebpf.splice().pin();
        try {
            // First, for it refuses while a proxy runs.
            List<String> removed = new ArrayList<>(SpliceService.detach(Kernel.running(), pin));
            ebpf.dnsCache()
                    .pin()
                    .ifPresent(names -> KernelCacheSource.detach(names).forEach(path -> removed.add(path.toString())));
            removed.forEach(one -> out.println("removed " + one));
            if (removed.isEmpty()) {
                out.println("nothing was left in " + pin
                        + ebpf.dnsCache().pin().map(names -> " and " + names).orElse(""));
            }
            return ExitCode.OK;
        } catch (BpfException | IllegalStateException | UncheckedIOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }
}
