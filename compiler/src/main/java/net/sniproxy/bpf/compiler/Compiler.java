package net.sniproxy.bpf.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.compiler.back.Backend;
import net.sniproxy.bpf.compiler.front.ProgramClass;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Printer;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.opt.Optimizer;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;

/**
 * Compiles kernel programs from class files to eBPF.
 *
 * <p>The result is deterministic: the same class files and options give the same bytes. Nothing of a program is run and
 * no class is initialised. An instance compiles once and belongs to one thread.
 */
public final class Compiler {
    private final CompileOptions options;
    private final List<CompileError> errors = new ArrayList<>();
    private final Map<String, MapSpec> maps = new TreeMap<>();
    private final List<ProgramSpec> programs = new ArrayList<>();
    private final Set<String> classFiles = new TreeSet<>();

    private Compiler(CompileOptions options) {
        this.options = options;
    }

    /**
     * Compiles every method with {@link net.sniproxy.bpf.compiler.lang.BpfProgram} of these classes, with the maps that
     * they use.
     *
     * @throws CompileException if something cannot be compiled; it carries all errors of all programs
     */
    public static ObjectSpec compile(CompileOptions options, Class<?>... programClasses) {
        return compileNoting(options, programClasses).object();
    }

    /**
     * Programs, and what they were made from.
     *
     * @param classFiles internal names of all classes whose files were read or whose fields were looked at
     */
    record Compiled(ObjectSpec object, Set<String> classFiles) {}

    /** The same as {@link #compile}; says what it read as well. */
    static Compiled compileNoting(CompileOptions options, Class<?>... programClasses) {
        Compiler compiler = new Compiler(options);
        for (Class<?> programClass : programClasses) {
            compiler.compile(programClass);
        }
        if (!compiler.errors.isEmpty()) {
            throw new CompileException(compiler.errors);
        }
        ObjectSpec object = new ObjectSpec(List.copyOf(compiler.maps.values()), compiler.programs);
        return new Compiled(object, compiler.classFiles);
    }

    private void compile(Class<?> programClass) {
        for (ProgramClass.Program program : ProgramClass.read(programClass, options)) {
            ProgramClass.Translated translated = program.translate();
            classFiles.addAll(program.classFiles());
            List<CompileError> found = new ArrayList<>();
            for (ProgramClass.Unit unit : translated.functions()) {
                Set<Value> safeDivisions = Checker.safeDivisions(unit.function());
                found.addAll(KeptObjects.find(program.name(), unit.function()));
                optimise(unit.function());
                found.addAll(Checker.check(program.name(), unit.function(), safeDivisions));
            }
            errors.addAll(found);
            if (found.isEmpty()) {
                generate(program, translated);
            }
        }
    }

    private void optimise(Function function) {
        options.trace().stage(function.name(), Trace.Stage.SSA, () -> Printer.print(function));
        Optimizer.run(function);
        options.trace().stage(function.name(), Trace.Stage.OPTIMISED, () -> Printer.print(function));
    }

    /** Programs share a map by its name. */
    private void add(MapSpec map, ProgramClass.Program program) {
        MapSpec known = maps.putIfAbsent(map.name(), map);
        if (known != null && !known.equals(map)) {
            String message = "two maps are named " + map.name() + " and differ: declare it once, or rename one";
            errors.add(new CompileError(program.name(), program.position(), message));
        }
    }

    private void generate(ProgramClass.Program program, ProgramClass.Translated translated) {
        try {
            List<FunctionSpec> functions = new ArrayList<>();
            for (ProgramClass.Unit unit : translated.functions()) {
                AssembledCode code = Backend.generate(unit.function(), options);
                functions.add(new FunctionSpec(unit.function().name(), unit.prototype(), code).checkedApart());
            }
            programs.add(program.spec(functions));
            translated.maps().values().forEach(map -> add(options.sized(map), program));
        } catch (Backend.StackOverflow e) {
            errors.add(new CompileError(program.name(), program.position(), String.valueOf(e.getMessage())));
        }
    }
}
