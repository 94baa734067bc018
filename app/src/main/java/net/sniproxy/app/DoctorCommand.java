package net.sniproxy.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.doctor.Doctor;
import net.sniproxy.proxy.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sni-proxy doctor}: what this machine allows, and how to mend what it does not. */
@Command(
        name = "doctor",
        description = {
            "Look at this machine: kernel, privileges, interfaces, and which data paths there will be.",
            "What is missing comes with the command that mends it. Needs no privilege, but sees less without:",
            "run it as the proxy will run. Attaches nothing to any interface. Exit code 0, whatever it finds;",
            "1 only for a configuration that cannot be used."
        })
final class DoctorCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final Kernel kernel;
    private final ConfigFiles files;

    @Option(
            names = "-c",
            paramLabel = "FILE",
            description = "A configuration: the addresses, interfaces and places that it names are looked at too.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--json", description = "One JSON object: {\"version\", \"findings\": [...]}.")
    private boolean json;

    DoctorCommand(PrintWriter out, Kernel kernel, ConfigFiles files) {
        this.out = out;
        this.kernel = kernel;
        this.files = files;
    }

    @Override
    public Integer call() {
        Doctor doctor = new Doctor(kernel);
        List<Finding> findings =
                file.map(path -> doctor.examine(files.load(path), path)).orElseGet(doctor::examine);
        out.print(json ? DoctorReport.json(findings) : DoctorReport.text(findings));
        out.flush();
        return ExitCode.OK;
    }
}
