package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.List;
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
            "run it as the proxy will run. Attaches nothing to any interface. Exit code 0, whatever it finds."
        })
final class DoctorCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final Kernel kernel;

    @Option(names = "--json", description = "One JSON object: {\"version\", \"findings\": [...]}.")
    private boolean json;

    DoctorCommand(PrintWriter out, Kernel kernel) {
        this.out = out;
        this.kernel = kernel;
    }

    @Override
    public Integer call() {
        List<Finding> findings = new Doctor(kernel).examine();
        out.print(json ? DoctorReport.json(findings) : DoctorReport.text(findings));
        out.flush();
        return ExitCode.OK;
    }
}
