package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;

/** Finds the kernel programs of a class. */
public final class ProgramClass {
    private ProgramClass() {}

    /**
     * A program's function and the maps that its code names.
     *
     * @param function not yet optimised
     * @param maps by name
     */
    public record Translated(Function function, Map<String, MapSpec> maps) {}

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

        /** The method, without a line. */
        public Position position() {
            return new Position(method.ownerName().replace('/', '.'), method.name(), SourceFiles.of(method.owner()), 0);
        }

        /** The method and all that it calls, as one function. */
        public Translated translate() {
            Function function = new Function(name);
            function.returnType(Type.I32);
            Translation translation = new Translation(classes, options, function);
            Emitter emitter = translation.emitter();
            emitter.at(position());
            Value context = function.addParameter(Type.POINTER);
            if (!method.model().flags().has(AccessFlag.STATIC)) {
                emitter.unsupported(Type.NONE, "a kernel program must be a static method");
            }
            Optional<Value> result = MethodTranslator.inline(translation, method, arguments(emitter, context));
            if (result.isEmpty()) {
                emitter.unsupported(Type.NONE, "a kernel program must return an int, its verdict");
            }
            emitter.at(position());
            emitter.returns(Optional.of(result.orElse(emitter.integer(0))));
            return new Translated(function, translation.maps());
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

        /** The program with its code. */
        public ProgramSpec spec(AssembledCode code) {
            ProgramSpec.Builder builder = ProgramSpec.named(name, type).code(code);
            if (!attachTo.isEmpty()) {
                builder.attachTarget(attachTo).attachType(AttachType.TRACE_RAW_TP);
            }
            return builder.build();
        }
    }
}
