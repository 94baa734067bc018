package net.sniproxy.bpf.compiler.front;

import java.lang.constant.ClassDesc;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.KernelTypes;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.lang.AtomicAdd;
import net.sniproxy.bpf.compiler.lang.ByAddress;
import net.sniproxy.bpf.compiler.lang.Ctx;
import net.sniproxy.bpf.compiler.lang.Helper;
import net.sniproxy.bpf.compiler.lang.Intrinsic;
import net.sniproxy.bpf.compiler.lang.KernelField;
import net.sniproxy.bpf.compiler.lang.KernelStruct;
import net.sniproxy.bpf.compiler.lang.Sized;
import net.sniproxy.bpf.layout.StructField;

/** Methods whose annotation says what they are in the kernel. */
final class LanguageMethods {
    private final Translation translation;
    private final Emitter emitter;

    /** What a method is. */
    sealed interface Meaning {
        /** A field of a context or of a socket. */
        record ContextField(int offset, int size) implements Meaning {}

        /** A call of a helper. */
        record HelperCall(int number, boolean movesPacket) implements Meaning {}

        /** One operation. */
        record Operation(Intrinsic.Operation operation, int size, Intrinsic.Order order) implements Meaning {}

        /** A field of a kernel struct. */
        record StructMember(String struct, String path) implements Meaning {}

        /** An atomic addition to a field. */
        record Addition(String field) implements Meaning {}
    }

    LanguageMethods(Translation translation) {
        this.translation = translation;
        this.emitter = translation.emitter();
    }

    /** What the method is; empty for ordinary methods. */
    Optional<Meaning> meaning(ClassFiles.Method method) {
        Optional<Meaning> context = Annotations.find(method.model(), Ctx.class)
                .map(view -> new Meaning.ContextField(view.integer("offset", 0), view.integer("size", 0)));
        return context.or(() -> Annotations.find(method.model(), Helper.class)
                        .map(view -> new Meaning.HelperCall(view.integer("value", 0), view.flag("invalidatesPackets"))))
                .or(() -> Annotations.find(method.model(), Intrinsic.class).map(LanguageMethods::operation))
                .or(() -> Annotations.find(method.model(), KernelField.class)
                        .map(view -> new Meaning.StructMember(structName(method), view.string("value", ""))))
                .or(() -> Annotations.find(method.model(), AtomicAdd.class)
                        .map(view -> new Meaning.Addition(view.string("value", ""))));
    }

    private static Meaning operation(Annotations.View view) {
        return new Meaning.Operation(
                view.constant("value", Intrinsic.Operation.class).orElseThrow(),
                view.integer("size", 0),
                view.constant("order", Intrinsic.Order.class).orElse(Intrinsic.Order.NATIVE));
    }

    private static String structName(ClassFiles.Method method) {
        return Annotations.find(method.owner(), KernelStruct.class)
                .map(view -> view.string("value", ""))
                .orElse("");
    }

    /** Emits the operation; the result is empty for methods that return nothing. */
    Optional<Value> translate(Meaning meaning, ClassFiles.Method method, List<Value> arguments) {
        return switch (meaning) {
            case Meaning.ContextField(int offset, int size) -> contextField(method, offset, size, arguments);
            case Meaning.HelperCall call -> helper(method, call, arguments);
            case Meaning.Operation operation -> operation(operation, method, arguments);
            case Meaning.StructMember(String struct, String path) ->
                Optional.of(structMember(method, struct, path, arguments.getFirst()));
            case Meaning.Addition(String field) -> addition(method, field, arguments);
        };
    }

    private static Type returned(ClassFiles.Method method) {
        return Types.of(method.model().methodTypeSymbol().returnType().descriptorString());
    }

    private Optional<Value> contextField(ClassFiles.Method method, int offset, int size, List<Value> arguments) {
        Type type = returned(method);
        Value base = arguments.getFirst();
        if (type == Type.NONE) {
            emitter.store(base, offset, size, arguments.get(1));
            return Optional.empty();
        }
        if (arguments.size() > 1) {
            Value step = emitter.binary(BinaryOperator.MUL, arguments.get(1), emitter.integer(size));
            base = emitter.offset(base, emitter.widen(step, false));
        }
        return Optional.of(emitter.load(type, base, offset, size, false));
    }

    private Value structMember(ClassFiles.Method method, String struct, String path, Value base) {
        Type type = returned(method);
        Optional<KernelTypes.Member> member =
                translation.options().kernelTypes().member(struct, path);
        if (member.isEmpty()) {
            return emitter.unsupported(type, "the running kernel has no member " + path + " in struct " + struct);
        }
        KernelTypes.Member found = member.get();
        Type loaded = type == Type.I32 && found.size() == 8 ? Type.I64 : type;
        Value value = emitter.load(loaded, base, found.offset(), found.size(), found.signed());
        return loaded == type ? value : emitter.truncate(value);
    }

    private Optional<Value> addition(ClassFiles.Method method, String field, List<Value> arguments) {
        StructField member =
                translation.layouts().member(method.ownerName(), field).orElseThrow();
        Type type = returned(method);
        Type width = member.size() == 8 ? Type.I64 : Type.I32;
        Value old = emitter.emit(
                type == Type.NONE ? Type.NONE : width,
                new Op.Atomic(Op.AtomicOperator.ADD, member.size(), member.offset(), type != Type.NONE),
                arguments.get(0),
                arguments.get(1));
        return type == Type.NONE ? Optional.empty() : Optional.of(old);
    }

    // ---- operations ----

    private Optional<Value> operation(Meaning.Operation operation, ClassFiles.Method method, List<Value> arguments) {
        Value first = arguments.getFirst();
        return switch (operation.operation()) {
            case ADVANCE -> Optional.of(emitter.offset(first, emitter.widen(arguments.get(1), false)));
            case COVERS -> {
                Value end = emitter.offset(arguments.get(1), emitter.widen(arguments.get(2), false));
                yield Optional.of(emitter.emit(Type.I32, new Op.Compare(Condition.ULE), end, first));
            }
            case LOAD -> {
                Value address = emitter.offset(first, emitter.widen(arguments.get(1), false));
                Value raw = emitter.load(returned(method), address, 0, operation.size(), false);
                yield Optional.of(inOrder(raw, operation));
            }
            case STORE -> {
                Value address = emitter.offset(first, emitter.widen(arguments.get(1), false));
                emitter.store(address, 0, operation.size(), inOrder(arguments.get(2), operation));
                yield Optional.empty();
            }
            case ALLOCATE -> Optional.of(buffer(first));
            case NETWORK_ORDER -> Optional.of(networkOrder(first, operation.size()));
        };
    }

    private Value buffer(Value size) {
        if (!size.isConstant() || size.constant() <= 0 || size.constant() > 512) {
            return emitter.unsupported(Type.POINTER, "a buffer needs a constant size of 8 to 512 bytes");
        }
        return emitter.allocate((int) size.constant());
    }

    private Value inOrder(Value value, Meaning.Operation operation) {
        return operation.order() == Intrinsic.Order.NETWORK ? networkOrder(value, operation.size()) : value;
    }

    private Value networkOrder(Value value, int size) {
        if (translation.options().byteOrder() == ByteOrder.LITTLE_ENDIAN) {
            return emitter.emit(value.type(), new Op.ByteSwap(size * 8), value);
        }
        return size == 2 ? emitter.emit(value.type(), new Op.Extend(16, false), value) : value;
    }

    // ---- helpers ----

    private Optional<Value> helper(ClassFiles.Method method, Meaning.HelperCall call, List<Value> arguments) {
        List<ClassDesc> parameters = method.model().methodTypeSymbol().parameterList();
        List<Value> passed = new ArrayList<>();
        int receiver = arguments.size() - parameters.size();
        if (receiver == 1) {
            passed.add(arguments.getFirst());
        }
        for (int i = 0; i < parameters.size(); i++) {
            pass(method, i, arguments.get(i + receiver), passed);
        }
        if (passed.size() > 5) {
            return Optional.of(emitter.unsupported(returned(method), "a helper takes at most five arguments"));
        }
        Type type = returned(method);
        Type raw = type == Type.I32 ? Type.I64 : type;
        Value result = emitter.emit(
                raw, new Op.CallHelper(call.number(), method.name(), call.movesPacket()), passed.toArray(Value[]::new));
        if (type == Type.NONE) {
            return Optional.empty();
        }
        boolean isBoolean = method.model()
                .methodTypeSymbol()
                .returnType()
                .descriptorString()
                .equals("Z");
        if (isBoolean) {
            return Optional.of(
                    emitter.emit(Type.I32, new Op.Compare(Condition.NE), emitter.truncate(result), emitter.integer(0)));
        }
        return Optional.of(type == Type.I32 ? emitter.truncate(result) : result);
    }

    private void pass(ClassFiles.Method method, int index, Value argument, List<Value> passed) {
        if (Annotations.find(method.model(), index, ByAddress.class).isPresent()) {
            passed.add(emitter.spill(argument, argument.type() == Type.I32 ? 4 : 8));
            return;
        }
        Optional<String> text = translation.string(argument);
        boolean sized = Annotations.find(method.model(), index, Sized.class).isPresent();
        if (text.isPresent()) {
            byte[] bytes = (text.get() + "\0").getBytes(StandardCharsets.UTF_8);
            passed.add(text(bytes));
            if (sized) {
                passed.add(emitter.number(bytes.length));
            }
            return;
        }
        passed.add(emitter.widen(argument, false));
        if (sized) {
            passed.add(size(method, index, argument));
        }
    }

    private Value text(byte[] bytes) {
        Value slot = emitter.allocate(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            emitter.store(slot, i, 1, emitter.integer(bytes[i]));
        }
        return slot;
    }

    private Value size(ClassFiles.Method method, int index, Value argument) {
        String known = translation.classOf(argument);
        String descriptor =
                method.model().methodTypeSymbol().parameterType(index).descriptorString();
        String type = known != null ? known : Maps.internalName(descriptor);
        if (translation.layouts().struct(type).isEmpty()) {
            return emitter.unsupported(Type.I64, "the size of this argument is not known: pass an object of a struct");
        }
        return emitter.number(translation.layouts().size(type));
    }
}
