package net.sniproxy.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.compiler.Trace;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.kernel.KernelPrograms;

/** Writes one kernel program as it is at one stage of its compilation. */
final class BpfDump {
    /** The stages, spelled as on the command line. */
    enum Stage {
        ssa,
        optimised,
        selected,
        allocated,
        code,
        verified
    }

    private BpfDump() {}

    /**
     * The dump of a program and of the functions that it calls.
     *
     * @throws WrongUsage if there is no program of this name; the message lists those that there are
     * @throws CommandFailure if the stage is {@link Stage#verified} and the kernel takes no programs from this process
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
                return stage == Stage.verified
                        ? VerifiedDump.of(object, program.get())
                        : sections(program.get(), stage, recorder);
            }
            object.programs().forEach(each -> names.add(each.name()));
        }
        throw new WrongUsage("no kernel program is called '" + name + "'; there are " + String.join(", ", names));
    }

    private static CompileOptions options() {
        return CompileOptions.defaults().withSources(SourceText.ofResources(BpfDump.class.getClassLoader()));
    }

    private static String sections(ProgramSpec program, Stage stage, Recorder recorder) {
        return program.functions().stream()
                .map(function -> function.name() + ", " + stage + ":\n"
                        + (stage == Stage.code
                                ? CodeListing.of(function.instructions(), function.lines(), _ -> "")
                                : recorder.texts.getOrDefault(function.name(), "")))
                .collect(Collectors.joining("\n"));
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
