package net.sniproxy.bpf.compiler.front;

import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.OpaqueLayout;
import net.sniproxy.bpf.layout.PointerLayout;
import net.sniproxy.bpf.spec.Prototype;

/** Methods with {@link BpfFunction}: calls of them, and the functions themselves. */
final class FunctionMethods {
    private FunctionMethods() {}

    static boolean isFunction(ClassFiles.Method method) {
        return Annotations.find(method.model(), BpfFunction.class).isPresent();
    }

    /** The name of the function: unique, and one that C would allow. */
    static String symbol(ClassFiles.Method method) {
        String owner = method.ownerName();
        return owner.substring(owner.lastIndexOf('/') + 1).replace('$', '_') + "_" + method.name();
    }

    /** Emits a call, and asks for the function. */
    static Optional<Value> call(Translation translation, ClassFiles.Method method, List<Value> arguments) {
        Emitter emitter = translation.emitter();
        Type type = Types.of(method.model().methodTypeSymbol().returnType().descriptorString());
        Optional<String> refusal = refusal(translation, method);
        if (refusal.isPresent()) {
            Value value = emitter.unsupported(type, refusal.get());
            return type == Type.NONE ? Optional.empty() : Optional.of(value);
        }
        ClassFiles.Method known = translation.called().putIfAbsent(symbol(method), method);
        if (known != null && known.model() != method.model()) {
            return Optional.of(emitter.unsupported(type, "two functions are named " + symbol(method) + ": rename one"));
        }
        List<Value> passed = new ArrayList<>();
        arguments.forEach(argument -> passed.add(emitter.widen(argument, false)));
        Value result = emitter.emit(Type.I64, new Op.CallFunction(symbol(method), true), passed.toArray(Value[]::new));
        return Optional.of(type == Type.I32 ? emitter.truncate(result) : result);
    }

    private static Optional<String> refusal(Translation translation, ClassFiles.Method method) {
        List<ClassDesc> parameters = method.model().methodTypeSymbol().parameterList();
        String result = method.model().methodTypeSymbol().returnType().descriptorString();
        if (!method.model().flags().has(AccessFlag.STATIC)) {
            return Optional.of("@BpfFunction on " + method.name() + ": only static methods can be functions");
        }
        if (parameters.size() > Prototype.MAX_PARAMETERS) {
            return Optional.of("function " + method.name() + " has more than five parameters: put some into a struct");
        }
        if (!result.equals("I") && !result.equals("J") && !result.equals("Z")) {
            return Optional.of("function " + method.name() + " must return int, long or boolean");
        }
        return parameters.stream()
                .filter(parameter -> layout(translation.layouts(), parameter).isEmpty())
                .findFirst()
                .map(parameter -> "parameter " + parameter.displayName() + " of function " + method.name()
                        + ": only numbers, the context and structs can be handed over");
    }

    private static Optional<DataLayout> layout(Layouts layouts, ClassDesc parameter) {
        String name = Maps.internalName(parameter.descriptorString());
        if (parameter.isPrimitive()) {
            return switch (name) {
                case "Z", "B", "S", "C", "I" -> Optional.of(IntegerLayout.S32);
                case "J" -> Optional.of(IntegerLayout.S64);
                default -> Optional.empty();
            };
        }
        if (parameter.isArray()) {
            return Optional.empty();
        }
        Optional<DataLayout> context = Contexts.struct(parameter).map(OpaqueLayout::new);
        return context.or(() -> layouts.struct(name)).map(PointerLayout::to);
    }

    /** What BTF says of the function. */
    static Prototype prototype(Layouts layouts, ClassFiles.Method method) {
        List<Prototype.Parameter> parameters = new ArrayList<>();
        for (ClassDesc parameter : method.model().methodTypeSymbol().parameterList()) {
            parameters.add(new Prototype.Parameter(
                    "p" + parameters.size(), layout(layouts, parameter).orElseThrow()));
        }
        boolean wide = method.model()
                .methodTypeSymbol()
                .returnType()
                .descriptorString()
                .equals("J");
        return new Prototype(Optional.of(wide ? IntegerLayout.S64 : IntegerLayout.S32), parameters);
    }

    /** Translates the function's own body. The verifier takes any pointer for one that may be null, hence the checks. */
    static void translate(Translation translation, ClassFiles.Method method) {
        Emitter emitter = translation.emitter();
        Function function = emitter.function();
        List<Value> arguments = new ArrayList<>();
        for (ClassDesc parameter : method.model().methodTypeSymbol().parameterList()) {
            Type type = Types.of(parameter.descriptorString());
            Value raw = function.addParameter(type == Type.I32 ? Type.I64 : type);
            arguments.add(type == Type.I32 ? emitter.truncate(raw) : raw);
            if (type == Type.POINTER && Contexts.struct(parameter).isEmpty()) {
                refuseNull(emitter, raw);
            }
        }
        Optional<Value> result = MethodTranslator.inline(translation, method, arguments);
        emitter.returns(result);
    }

    private static void refuseNull(Emitter emitter, Value pointer) {
        Block isNull = emitter.function().newBlock();
        Block next = emitter.function().newBlock();
        emitter.branch(Condition.EQ, pointer, emitter.nullPointer(), isNull, next);
        emitter.moveTo(isNull);
        emitter.returns(Optional.of(emitter.integer(0)));
        emitter.moveTo(next);
    }
}
