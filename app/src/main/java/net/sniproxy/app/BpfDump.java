package net.sniproxy.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.compiler.Trace;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.kernel.KernelPrograms;

/** Writes one kernel program as it is at one stage of its compilation. */
final class BpfDump {
    /** How far instructions are indented: Java lines begin at the margin. */
    private static final String INDENT = "    ";

    /** The stages, spelled as on the command line. */
    enum Stage {
        ssa,
        optimised,
        selected,
        allocated,
        code
    }

    private BpfDump() {}

    /**
     * The dump of a program and of the functions that it calls.
     *
     * @throws CommandFailure if there is no program of this name; the message lists those that there are
     */
    static String of(String name, Stage stage) {
        List<String> names = new ArrayList<>();
        for (Class<?> programClass : KernelPrograms.all()) {
            Recorder recorder = new Recorder(stage);
            ObjectSpec object = Compiler.compile(options().withTrace(recorder), programClass);
            Optional<ProgramSpec> program = object.programs().stream()
                    .filter(each -> each.name().equals(name))
                    .findAny();
            if (program.isPresent()) {
                return program.get().functions().stream()
                        .map(function -> section(function, stage, recorder))
                        .collect(Collectors.joining("\n"));
            }
            object.programs().forEach(each -> names.add(each.name()));
        }
        throw new CommandFailure("no kernel program is called '" + name + "'; there are " + String.join(", ", names));
    }

    private static CompileOptions options() {
        return CompileOptions.defaults().withSources(SourceText.ofResources(BpfDump.class.getClassLoader()));
    }

    private static String section(FunctionSpec function, Stage stage, Recorder recorder) {
        String text = stage == Stage.code ? code(function) : recorder.texts.getOrDefault(function.name(), "");
        return function.name() + ", " + stage + ":\n" + text;
    }

    /** The instructions, each stretch of them below the Java line that it comes from. */
    private static String code(FunctionSpec function) {
        Map<Integer, SourceLine> lines = new LinkedHashMap<>();
        function.lines().forEach(line -> lines.put(line.slot(), line));
        StringBuilder code = new StringBuilder();
        int slot = 0;
        for (Instruction instruction : function.instructions()) {
            SourceLine line = lines.get(slot);
            if (line != null) {
                code.append("; ").append(place(line)).append('\n');
            }
            code.append(INDENT).append(slot).append(": ").append(Disassembler.text(instruction));
            code.append('\n');
            slot += instruction.slots();
        }
        return code.toString();
    }

    private static String place(SourceLine line) {
        if (line.line() == 0) {
            return line.text();
        }
        String where = line.file() + ":" + line.line();
        return line.text().isEmpty() ? where : where + "  " + line.text();
    }

    /** Keeps the text of one stage for each function. */
    private record Recorder(BpfDump.Stage wanted, Map<String, String> texts) implements Trace {
        Recorder(BpfDump.Stage wanted) {
            this(wanted, new LinkedHashMap<>());
        }

        @Override
        public void stage(String function, Trace.Stage stage, Supplier<String> text) {
            if (shown(stage) == wanted) {
                texts.put(function, text.get());
            }
        }

        private static BpfDump.Stage shown(Trace.Stage stage) {
            return switch (stage) {
                case SSA -> BpfDump.Stage.ssa;
                case OPTIMISED -> BpfDump.Stage.optimised;
                case SELECTED -> BpfDump.Stage.selected;
                case ALLOCATED -> BpfDump.Stage.allocated;
            };
        }
    }
}
