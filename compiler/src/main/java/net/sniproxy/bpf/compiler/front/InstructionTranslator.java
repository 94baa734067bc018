package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.NopInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Translates the instructions that do not end a block. */
final class InstructionTranslator {
    private static final String ARRAY_OF_OBJECTS = "an array of objects: use a map, or one field for each object";
    private static final int MAX_STACK = 512;

    private final Translation translation;
    private final Emitter emitter;
    private final FieldTranslator fields;
    private final CallTranslator calls;

    InstructionTranslator(Translation translation) {
        this.translation = translation;
        this.emitter = translation.emitter();
        this.fields = new FieldTranslator(translation);
        this.calls = new CallTranslator(translation);
    }

    /**
     * Translates one instruction.
     *
     * @throws IllegalArgumentException if nothing behind it can be translated either; the message says why
     */
    void translate(Instruction instruction, Frame frame) {
        switch (instruction) {
            case LoadInstruction load -> frame.push(local(frame, load.slot(), load.typeKind()));
            case StoreInstruction store -> frame.local(store.slot(), frame.pop());
            case IncrementInstruction increment -> {
                Value value = local(frame, increment.slot(), TypeKind.INT);
                Value step = emitter.integer(increment.constant());
                frame.local(increment.slot(), emitter.binary(BinaryOperator.ADD, value, step));
            }
            case ConstantInstruction constant -> frame.push(constant(constant));
            case OperatorInstruction operator -> operator(operator, frame);
            case ConvertInstruction convert -> convert(convert, frame);
            case StackInstruction stack -> StackShuffle.apply(stack.opcode(), frame);
            case FieldInstruction field -> fields.translate(field, frame);
            case InvokeInstruction invoke -> calls.invoke(invoke, frame);
            case InvokeDynamicInstruction dynamic -> calls.dynamic(dynamic, frame);
            case NewObjectInstruction object ->
                frame.push(calls.allocate(object.className().asInternalName()));
            case NewPrimitiveArrayInstruction array -> frame.push(array(array.typeKind(), frame.pop()));
            case ArrayLoadInstruction load -> arrayLoad(load.opcode(), frame);
            case ArrayStoreInstruction store -> arrayStore(store.opcode(), frame);
            case TypeCheckInstruction check -> typeCheck(check, frame);
            case NewReferenceArrayInstruction _, NewMultiArrayInstruction _ ->
                throw new IllegalArgumentException(ARRAY_OF_OBJECTS);
            case MonitorInstruction _ ->
                throw new IllegalArgumentException(
                        "synchronized has no meaning in the kernel: count with @AtomicAdd, or in a per-CPU map");
            case NopInstruction _ -> {}
            default -> {
                String name = instruction.opcode().name().toLowerCase(Locale.ROOT);
                throw new IllegalArgumentException("bytecode " + name + " has no meaning in the kernel");
            }
        }
    }

    private Value local(Frame frame, int slot, TypeKind kind) {
        return Objects.requireNonNullElseGet(
                frame.local(slot), () -> emitter.function().undefined(Types.of(kind)));
    }

    private Value constant(ConstantInstruction instruction) {
        return switch (instruction.constantValue()) {
            case Integer number -> emitter.integer(number);
            case Long number -> emitter.number(number);
            case String text -> translation.string(text);
            case Float _, Double _ ->
                emitter.unsupported(
                        Types.of(instruction.typeKind()), "floating point: the kernel has none; use scaled integers");
            case Object other when instruction.opcode() == Opcode.ACONST_NULL -> emitter.nullPointer();
            default -> emitter.compileTime("a class constant: kernel programs have no classes at run time");
        };
    }

    // ---- arithmetic ----

    private void operator(OperatorInstruction instruction, Frame frame) {
        Opcode opcode = instruction.opcode();
        switch (opcode) {
            case INEG, LNEG -> {
                Value value = frame.pop();
                frame.push(emitter.emit(value.type(), new Op.Negate(), value));
            }
            case ARRAYLENGTH -> {
                Optional<Integer> length = translation.arrayLength(frame.pop());
                frame.push(length.map(emitter::integer)
                        .orElseGet(() -> emitter.unsupported(
                                Type.I32, "the length of this array is not known here: use a constant")));
            }
            case LCMP -> {
                Value right = frame.pop();
                Value left = frame.pop();
                frame.push(emitter.emit(Type.I32, new Op.Compare3(true), left, right));
            }
            case FADD, FSUB, FMUL, FDIV, FREM, FNEG, DADD, DSUB, DMUL, DDIV, DREM, DNEG, FCMPL, FCMPG, DCMPL, DCMPG -> {
                frame.pop();
                if (opcode != Opcode.FNEG && opcode != Opcode.DNEG) {
                    frame.pop();
                }
                frame.push(emitter.unsupported(
                        opcode.name().contains("CMP") ? Type.I32 : Types.of(instruction.typeKind()),
                        "floating point: the kernel has none; use scaled integers"));
            }
            default -> {
                Value right = frame.pop();
                Value left = frame.pop();
                frame.push(binary(opcode, left, right));
            }
        }
    }

    private Value binary(Opcode opcode, Value left, Value right) {
        BinaryOperator operator = switch (opcode) {
            case IADD, LADD -> BinaryOperator.ADD;
            case ISUB, LSUB -> BinaryOperator.SUB;
            case IMUL, LMUL -> BinaryOperator.MUL;
            case IDIV, LDIV -> BinaryOperator.SDIV;
            case IREM, LREM -> BinaryOperator.SMOD;
            case IAND, LAND -> BinaryOperator.AND;
            case IOR, LOR -> BinaryOperator.OR;
            case IXOR, LXOR -> BinaryOperator.XOR;
            case ISHL, LSHL -> BinaryOperator.SHL;
            case IUSHR, LUSHR -> BinaryOperator.LSHR;
            case ISHR, LSHR -> BinaryOperator.ASHR;
            default -> throw new IllegalStateException("not an operator: " + opcode);
        };
        // Java's shift counts are ints, also for longs.
        return emitter.binary(operator, left, left.type() == Type.I64 ? emitter.widen(right, false) : right);
    }

    private void convert(ConvertInstruction instruction, Frame frame) {
        Value value = frame.pop();
        frame.push(
                switch (instruction.opcode()) {
                    case I2L -> emitter.widen(value, true);
                    case L2I -> emitter.truncate(value);
                    case I2B -> emitter.emit(Type.I32, new Op.Extend(8, true), value);
                    case I2S -> emitter.emit(Type.I32, new Op.Extend(16, true), value);
                    case I2C -> emitter.emit(Type.I32, new Op.Extend(16, false), value);
                    default ->
                        emitter.unsupported(
                                Types.of(instruction.toType()),
                                "floating point: the kernel has none; use scaled integers");
                });
    }

    // ---- arrays ----

    private Value array(TypeKind element, Value length) {
        int size = Types.size(element.upperBound().descriptorString());
        if (!length.isConstant() || length.constant() <= 0 || length.constant() > MAX_STACK / size) {
            return emitter.unsupported(Type.POINTER, "an array on the stack needs a constant length, 1 to 512 bytes");
        }
        Value array = emitter.allocate(size * (int) length.constant());
        translation.arrayLength(array, (int) length.constant());
        return array;
    }

    private static String elementType(Opcode opcode) {
        return switch (opcode) {
            case BALOAD, BASTORE -> "B";
            case CALOAD, CASTORE -> "C";
            case SALOAD, SASTORE -> "S";
            case IALOAD, IASTORE -> "I";
            case LALOAD, LASTORE -> "J";
            default -> "";
        };
    }

    /** An index that is no constant is the verifier's to judge. */
    private Value elementAddress(Value array, Value index, int size) {
        Optional<Integer> length = translation.arrayLength(array);
        if (index.isConstant() && length.isPresent() && (index.constant() < 0 || index.constant() >= length.get())) {
            return emitter.unsupported(
                    Type.POINTER,
                    "element " + index.constant() + " is outside of the array, which has " + length.get());
        }
        Value scaled = emitter.binary(BinaryOperator.MUL, index, emitter.integer(size));
        return emitter.offset(array, emitter.widen(scaled, false));
    }

    private void arrayLoad(Opcode opcode, Frame frame) {
        Value index = frame.pop();
        Value array = frame.pop();
        String type = elementType(opcode);
        Optional<Map<Integer, Integer>> table = translation.switchMap(array);
        if (table.isPresent()) {
            frame.push(translation.switchKey(new Translation.SwitchKey(index, table.get())));
        } else if (type.isEmpty()) {
            frame.push(emitter.unsupported(Type.POINTER, ARRAY_OF_OBJECTS));
        } else {
            int size = Types.size(type);
            frame.push(emitter.load(Types.of(type), elementAddress(array, index, size), 0, size, Types.signed(type)));
        }
    }

    private void arrayStore(Opcode opcode, Frame frame) {
        Value value = frame.pop();
        Value index = frame.pop();
        Value array = frame.pop();
        String type = elementType(opcode);
        if (type.isEmpty()) {
            emitter.unsupported(Type.NONE, ARRAY_OF_OBJECTS);
        } else {
            int size = Types.size(type);
            emitter.store(elementAddress(array, index, size), 0, size, value);
        }
    }

    private void typeCheck(TypeCheckInstruction instruction, Frame frame) {
        if (instruction.opcode() == Opcode.CHECKCAST) {
            Value value = frame.stack().getLast();
            if (translation.classOf(value) == null && value.type() == Type.POINTER && !value.isConstant()) {
                translation.classOf(value, instruction.type().asInternalName());
            }
            return;
        }
        frame.pop();
        frame.push(emitter.unsupported(
                Type.I32, "instanceof: objects have no class in the kernel; use an enum or a number"));
    }
}
