package net.sniproxy.bpf.compiler.front;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Appends instructions at a place that moves on: the current block and source position. */
final class Emitter {
    private final Function function;
    private Block block;
    private Position position = new Position("", "", "", 0);

    Emitter(Function function) {
        this.function = function;
        this.block = function.entry();
    }

    Function function() {
        return function;
    }

    Block block() {
        return block;
    }

    void moveTo(Block target) {
        block = target;
    }

    Position position() {
        return position;
    }

    void at(Position newPosition) {
        position = newPosition;
    }

    Value emit(Type type, Op op, Value... arguments) {
        return function.append(block, type, op, List.of(arguments), position);
    }

    Value number(long value) {
        return function.constant(Type.I64, value);
    }

    Value integer(int value) {
        return function.constant(Type.I32, value);
    }

    Value nullPointer() {
        return function.constant(Type.POINTER, 0);
    }

    Value binary(BinaryOperator operator, Value left, Value right) {
        return emit(left.type(), new Op.Binary(operator), left, right);
    }

    /** {@code int} to {@code long}; others as they are. */
    Value widen(Value value, boolean signed) {
        return value.type() == Type.I32 ? emit(Type.I64, new Op.Extend(32, signed), value) : value;
    }

    Value truncate(Value value) {
        return value.type() == Type.I32 ? value : emit(Type.I32, new Op.Truncate(), value);
    }

    Value offset(Value pointer, Value index) {
        return index.isConstant(0) ? pointer : emit(Type.POINTER, new Op.Offset(), pointer, index);
    }

    /** A new object of zeroes on the stack. */
    Value allocate(int size) {
        Value slot = function.newStackSlot(Math.max(size, 1));
        int whole = slot.op() instanceof Op.StackAddress(int _, int rounded) ? rounded : size;
        emit(Type.NONE, new Op.Clear(whole), slot);
        return slot;
    }

    /** A number in a stack slot of its own size, for helpers that want its address. */
    Value spill(Value value, int size) {
        Value slot = function.newStackSlot(size);
        store(slot, 0, size, value);
        return slot;
    }

    void store(Value pointer, int offset, int size, Value value) {
        emit(Type.NONE, new Op.Store(size, offset), pointer, value);
    }

    Value load(Type type, Value pointer, int offset, int size, boolean signed) {
        return emit(type, new Op.Load(size, signed && size < (type == Type.I32 ? 4 : 8), offset), pointer);
    }

    void jump(Block target) {
        block.terminate(new Terminator.Jump(target));
    }

    void branch(Condition condition, Value left, Value right, Block then, Block otherwise) {
        block.terminate(new Terminator.Branch(condition, left, right, then, otherwise, position));
    }

    void returns(Optional<Value> value) {
        block.terminate(new Terminator.Return(value, position));
    }

    void trap(String message) {
        block.terminate(new Terminator.Trap(message, position));
    }

    /** Notes a construct that cannot be compiled, and goes on with a value that does not exist. */
    Value unsupported(Type type, String message) {
        return emit(type, new Op.Unsupported(message));
    }

    /** A value that exists only at compile time; an error if it is needed at run time. */
    Value compileTime(String message) {
        return function.newValue(Type.POINTER, new Op.Unsupported(message), List.of(), position);
    }
}
