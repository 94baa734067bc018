package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.bpf.spec.ProgramType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sni-proxy prog}: the programs in the kernel. */
@Command(name = "prog", description = "Show the BPF programs in the kernel.", synopsisSubcommandLabel = "COMMAND")
final class ProgCommand {
    private static final int SLOT_BYTES = 8;

    private final PrintWriter out;

    ProgCommand(PrintWriter out) {
        this.out = out;
    }

    /** {@code prog list}. */
    @Command(name = "list", description = "List all programs, those of others too. Needs root.")
    int list(@Option(names = "--json", description = "One JSON array, in the words of bpftool.") boolean json) {
        try {
            List<ProgramInfo> programs = Program.all(Kernel.running());
            if (json) {
                Listing.printJson(out, programs.stream().map(ProgCommand::row).toList());
            } else {
                Listing.printTable(out, programs.stream().map(ProgCommand::row).toList());
            }
            return ExitCode.OK;
        } catch (BpfException e) {
            throw new CommandFailure("programs cannot be listed: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> row(ProgramInfo program) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", program.id());
        row.put("type", type(program.type()));
        row.put("name", program.name());
        row.put("bytes_xlated", program.instructions() * SLOT_BYTES);
        row.put("bytes_jited", program.jitedBytes());
        return row;
    }

    private static String type(int number) {
        return Arrays.stream(ProgramType.values())
                .filter(type -> type.number() == number)
                .map(ProgramType::kernelName)
                .findFirst()
                .orElse("type " + number);
    }
}
