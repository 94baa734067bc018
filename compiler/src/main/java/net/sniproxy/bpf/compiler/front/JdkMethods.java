package net.sniproxy.bpf.compiler.front;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Methods of the JDK that have an instruction of their own. */
final class JdkMethods {
    private final Emitter emitter;

    JdkMethods(Translation translation) {
        this.emitter = translation.emitter();
    }

    /** The result, if the method is known here. */
    Optional<Value> translate(String owner, String name, String descriptor, List<Value> arguments) {
        return switch (owner.substring(owner.lastIndexOf('/') + 1)) {
            case "Integer", "Long", "Short", "Byte", "Character", "Boolean" -> number(name, descriptor, arguments);
            case "Math", "StrictMath" -> math(name, arguments);
            case "Objects" -> name.equals("requireNonNull") ? Optional.of(arguments.getFirst()) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<Value> number(String name, String descriptor, List<Value> arguments) {
        Value first = arguments.getFirst();
        return Optional.ofNullable(
                switch (name) {
                    case "toUnsignedLong" -> unsigned(first, descriptor, Type.I64);
                    case "toUnsignedInt" -> unsigned(first, descriptor, Type.I32);
                    case "compareUnsigned" -> emitter.emit(Type.I32, new Op.Compare3(false), first, arguments.get(1));
                    case "compare" -> emitter.emit(Type.I32, new Op.Compare3(true), first, arguments.get(1));
                    case "divideUnsigned" -> emitter.binary(BinaryOperator.UDIV, first, arguments.get(1));
                    case "remainderUnsigned" -> emitter.binary(BinaryOperator.UMOD, first, arguments.get(1));
                    case "reverseBytes" -> reverse(first, descriptor);
                    case "rotateLeft" -> rotate(first, arguments.get(1), BinaryOperator.SHL, BinaryOperator.LSHR);
                    case "rotateRight" -> rotate(first, arguments.get(1), BinaryOperator.LSHR, BinaryOperator.SHL);
                    case "sum" -> emitter.binary(BinaryOperator.ADD, first, arguments.get(1));
                    case "max", "min" -> math(name, arguments).orElseThrow();
                    case "valueOf" -> first.type() == Type.POINTER ? null : box(first, descriptor);
                    case "intValue", "longValue", "shortValue", "byteValue", "charValue", "booleanValue" ->
                        unbox(first, descriptor);
                    default -> null;
                });
    }

    private Value unsigned(Value value, String descriptor, Type type) {
        int bits = Types.size(descriptor.substring(1, 2)) * 8;
        Value narrow = bits == 32 ? value : emitter.emit(Type.I32, new Op.Extend(bits, false), value);
        return type == Type.I64 ? emitter.widen(narrow, false) : narrow;
    }

    private Value reverse(Value value, String descriptor) {
        char kind = descriptor.charAt(1);
        int bits = Types.size(descriptor.substring(1, 2)) * 8;
        Value swapped = emitter.emit(value.type(), new Op.ByteSwap(bits), value);
        return kind == 'S' ? emitter.emit(Type.I32, new Op.Extend(16, true), swapped) : swapped;
    }

    private Value rotate(Value value, Value count, BinaryOperator there, BinaryOperator back) {
        Value wide = value.type() == Type.I64 ? emitter.widen(count, false) : count;
        Value opposite = emitter.emit(wide.type(), new Op.Negate(), wide);
        return emitter.binary(
                BinaryOperator.OR, emitter.binary(there, value, wide), emitter.binary(back, value, opposite));
    }

    /** A boxed number is a stack slot that holds it: as a map's key its address is what the helper wants. */
    private Value box(Value value, String descriptor) {
        return emitter.spill(value, Types.size(descriptor.substring(1, 2)));
    }

    private Value unbox(Value box, String descriptor) {
        String type = descriptor.substring(descriptor.length() - 1);
        return emitter.load(Types.of(type), box, 0, Types.size(type), Types.signed(type));
    }

    private Optional<Value> math(String name, List<Value> arguments) {
        Value first = arguments.getFirst();
        return Optional.ofNullable(
                switch (name) {
                    case "max" -> choose(Condition.SGE, first, arguments.get(1));
                    case "min" -> choose(Condition.SLE, first, arguments.get(1));
                    case "abs" -> {
                        Value zero = emitter.function().constant(first.type(), 0);
                        yield choose(Condition.SGE, first, zero, emitter.emit(first.type(), new Op.Negate(), first));
                    }
                    default -> null;
                });
    }

    private Value choose(Condition condition, Value left, Value right) {
        return choose(condition, left, right, right);
    }

    /** {@code condition(left, right) ? left : otherwise}. */
    private Value choose(Condition condition, Value left, Value right, Value otherwise) {
        Block join = emitter.function().newBlock();
        Block other = emitter.function().newBlock();
        Block here = emitter.function().newBlock();
        emitter.branch(condition, left, right, here, other);
        emitter.moveTo(here);
        emitter.jump(join);
        emitter.moveTo(other);
        emitter.jump(join);
        emitter.moveTo(join);
        Value phi = emitter.function().newPhi(join, left.type(), emitter.position());
        phi.arguments().addAll(List.of(left, otherwise));
        return phi;
    }
}
