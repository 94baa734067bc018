package net.sniproxy.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sni-proxy bpf}: the programs that run inside the kernel, before they get there. */
@Command(name = "bpf", description = "Look at the programs that run inside the kernel, or write them to files.")
final class BpfCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** {@code sni-proxy bpf dump}: one program at every stage of its compilation. Needs no privilege. */
    @Command(
            name = "dump",
            description = {
                "Show what becomes of one kernel program on its way from Java to eBPF.",
                "Needs no privilege, but for the stage 'verified': the kernel's verifier is asked then.",
                "What it loads for that is removed at once."
            })
    static final class Dump implements Callable<Integer> {
        private final PrintWriter out;

        @Parameters(paramLabel = "PROGRAM", description = "The program's name, such as xdp_ip_filter.")
        private String program = "";

        @Option(
                names = "--stage",
                defaultValue = "code",
                paramLabel = "STAGE",
                description = {
                    "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
                    "ssa: as it comes from the class file, methods inlined; optimised: after the optimiser;",
                    "selected: instructions with virtual registers; allocated: with those of eBPF;",
                    "code: instructions beside the Java lines that they come from;",
                    "verified: the same with what the kernel's verifier knew at each, in words."
                })
        private BpfDump.Stage stage = BpfDump.Stage.code;

        Dump(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            out.print(BpfDump.of(program, stage));
            return ExitCode.OK;
        }
    }

    /** {@code sni-proxy bpf build}: the programs as object files. Needs no privilege. */
    @Command(
            name = "build",
            description = {
                "Write the kernel programs as object files that libbpf and bpftool load: one for each program in",
                "bpfel-unknown-none (little-endian machines) and in bpfeb-unknown-none (big-endian ones).",
                "The proxy itself needs no such files: it compiles its programs when it starts."
            })
    static final class Build implements Callable<Integer> {
        private final PrintWriter out;

        @Option(
                names = "--output",
                defaultValue = "target",
                paramLabel = "FOLDER",
                description = "Where the two folders go (default: ${DEFAULT-VALUE}).")
        private Path folder = Path.of("target");

        Build(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            BpfObjects.write(folder).forEach(out::println);
            return ExitCode.OK;
        }
    }
}
