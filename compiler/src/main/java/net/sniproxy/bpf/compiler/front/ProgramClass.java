package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;

/** Finds the kernel programs of a class. */
public final class ProgramClass {
    private ProgramClass() {}

    /**
     * The functions of a program and the maps that they name.
     *
     * @param functions not yet optimised; the program itself is the first
     * @param maps by name
     */
    public record Translated(List<Unit> functions, Map<String, MapSpec> maps) {}

    /**
     * A function and its type.
     *
     * @param function not yet optimised
     * @param prototype for BTF
     */
    public record Unit(Function function, Prototype prototype) {}

    /** The programs in the order of the class file. */
    public static List<Program> read(Class<?> programClass, CompileOptions options) {
        ClassLoader loader =
                Optional.ofNullable(programClass.getClassLoader()).orElseGet(ClassLoader::getSystemClassLoader);
        ClassFiles classes = new ClassFiles(loader);
        List<Program> programs = new ArrayList<>();
        var model = classes.model(programClass.getName().replace('.', '/'));
        for (MethodModel method : model.methods()) {
            Annotations.find(method, BpfProgram.class)
                    .ifPresent(annotation -> programs.add(
                            new Program(classes, options, new ClassFiles.Method(model, method), annotation)));
        }
        return programs;
    }

    /** A method with {@link BpfProgram}. */
    public static final class Program {
        private final ClassFiles classes;
        private final CompileOptions options;
        private final ClassFiles.Method method;
        private final String name;
        private final ProgramType type;
        private final String attachTo;

        private Program(
                ClassFiles classes, CompileOptions options, ClassFiles.Method method, Annotations.View annotation) {
            this.classes = classes;
            this.options = options;
            this.method = method;
            this.name = annotation.string("name", method.name());
            this.type = annotation.constant("type", ProgramType.class).orElseThrow();
            this.attachTo = annotation.string("attachTo", "");
        }

        /** As the annotation says. */
        public String name() {
            return name;
        }

        /** Internal names of the classes that the translation has looked at so far. */
        public Set<String> classFiles() {
            return classes.names();
        }

        /** The method, without a line. */
        public Position position() {
            return new Position(method.ownerName().replace('/', '.'), method.name(), SourceFiles.of(method.owner()), 0);
        }

        /** The method with all that it calls in place, and the functions that stand for themselves. */
        public Translated translate() {
            List<Unit> units = new ArrayList<>();
            Map<String, MapSpec> maps = new LinkedHashMap<>();
            Map<String, ClassFiles.Method> called = new LinkedHashMap<>();
            Translation main = begin(name);
            translateMain(main);
            units.add(new Unit(main.emitter().function(), Prototype.ofProgram(type)));
            maps.putAll(main.maps());
            called.putAll(main.called());
            for (int i = 0; i < called.size(); i++) {
                var next = List.copyOf(called.entrySet()).get(i);
                Translation translation = begin(next.getKey());
                FunctionMethods.translate(translation, next.getValue());
                Prototype prototype = FunctionMethods.prototype(translation.layouts(), next.getValue());
                units.add(new Unit(translation.emitter().function(), prototype));
                maps.putAll(translation.maps());
                translation.called().forEach(called::putIfAbsent);
            }
            PacketMoves.mark(units.stream().map(Unit::function).toList());
            return new Translated(units, maps);
        }

        private Translation begin(String symbol) {
            Translation translation = new Translation(classes, options, new Function(symbol));
            translation.emitter().at(position());
            return translation;
        }

        private void translateMain(Translation translation) {
            Emitter emitter = translation.emitter();
            Value context = emitter.function().addParameter(Type.POINTER);
            Optional<String> refusal = refusal();
            if (refusal.isPresent()) {
                emitter.trap(refusal.get());
                return;
            }
            Optional<Value> result = MethodTranslator.inline(translation, method, arguments(emitter, context));
            emitter.at(position());
            emitter.returns(result);
        }

        private Optional<String> refusal() {
            if (!method.model().flags().has(AccessFlag.STATIC)) {
                return Optional.of("a kernel program must be a static method");
            }
            if (!method.model().methodTypeSymbol().returnType().equals(ConstantDescs.CD_int)) {
                return Optional.of("a kernel program must return an int, its verdict");
            }
            return Contexts.refusal(type, method.model().methodTypeSymbol().parameterList());
        }

        private List<Value> arguments(Emitter emitter, Value context) {
            List<ClassDesc> parameters = method.model().methodTypeSymbol().parameterList();
            if (type != ProgramType.TRACING) {
                return List.of(context);
            }
            // The context of a tracing program is the array of the tracepoint's arguments.
            List<Value> arguments = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
                Type wanted = Types.of(TypeKind.from(parameters.get(i)));
                Type loaded = wanted == Type.I32 ? Type.I64 : wanted;
                Value raw = emitter.emit(loaded, new Op.Load(8, false, i * 8), context);
                arguments.add(loaded == wanted ? raw : emitter.truncate(raw));
            }
            return arguments;
        }

        /** The program with its functions, its own first. */
        public ProgramSpec spec(List<FunctionSpec> functions) {
            ProgramSpec.Builder builder = ProgramSpec.named(name, type);
            functions.forEach(builder::function);
            if (!attachTo.isEmpty()) {
                builder.attachTarget(attachTo).attachType(AttachType.TRACE_RAW_TP);
            } else if (type == ProgramType.CGROUP_SOCKOPT) {
                builder.attachType(AttachType.CGROUP_SETSOCKOPT);
            }
            return builder.build();
        }
    }
}
