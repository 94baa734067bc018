package net.sniproxy.bpf.compiler.back;

import java.util.List;
import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.AtomicOperation;

/**
 * An instruction of the machine. Registers are numbers: 0 to 9 are eBPF's, those from {@link #FIRST_VIRTUAL} on are still
 * to be mapped. Stack memory is named by slot, because its place is known last.
 */
sealed interface Machine {
    /** The first number of a virtual register. */
    int FIRST_VIRTUAL = 11;

    /** Registers that calls destroy: r0 to r5. */
    List<Integer> CLOBBERED = List.of(0, 1, 2, 3, 4, 5);

    /** {@code destination = constant}. */
    record Constant(int destination, long constant, boolean wide) implements Machine {}

    /** {@code destination = source}; the narrow form clears the upper half. */
    record Move(int destination, int source, boolean wide) implements Machine {}

    /** {@code destination = sign extension of the low bits of source}; instruction set v4. */
    record MoveSigned(int destination, int source, int bits, boolean wide) implements Machine {}

    /** {@code destination = address of a map}. */
    record MapAddress(int destination, String map) implements Machine {}

    /** {@code destination = address of a stack slot}. */
    record SlotAddress(int destination, int slot) implements Machine {}

    /** {@code destination operation= source}. */
    record Alu(AluOperation operation, boolean wide, int destination, int source) implements Machine {}

    /** {@code destination operation= constant}. */
    record AluConstant(AluOperation operation, boolean wide, int destination, int constant) implements Machine {}

    /** {@code register = -register}. */
    record Negate(boolean wide, int register) implements Machine {}

    /** Reverses the low bytes and clears the rest. */
    record Swap(int bits, int register) implements Machine {}

    /** {@code destination = *(base + offset)}. */
    record Load(int size, boolean signed, int destination, int base, int offset) implements Machine {}

    /** {@code *(base + offset) = source}. */
    record Store(int size, int base, int offset, int source) implements Machine {}

    /** {@code *(base + offset) = constant}. */
    record StoreConstant(int size, int base, int offset, int constant) implements Machine {}

    /** {@code destination = *(slot + offset)}. */
    record LoadSlot(int size, boolean signed, int destination, int slot, int offset) implements Machine {}

    /** {@code *(slot + offset) = source}. */
    record StoreSlot(int size, int slot, int offset, int source) implements Machine {}

    /** {@code *(slot + offset) = constant}. */
    record StoreSlotConstant(int size, int slot, int offset, int constant) implements Machine {}

    /** Atomic update; with {@code fetch} the old value replaces the operand. */
    record Atomic(AtomicOperation operation, int size, int base, int offset, int operand, boolean fetch)
            implements Machine {}

    /** A call of a helper with arguments in r1 to r{@code arguments}; the result is in r0. */
    record CallHelper(int helper, String name, int arguments) implements Machine {}

    /** A call of a function of this program. */
    record CallFunction(String function, int arguments) implements Machine {}

    /** Leaves the function; r0 is the result if there is one. */
    record Exit(boolean result) implements Machine {}

    /** The registers that are read. */
    default List<Integer> uses() {
        return switch (this) {
            case Constant _, MapAddress _, SlotAddress _, LoadSlot _, StoreSlotConstant _ -> List.of();
            case Move(var _, int source, var _) -> List.of(source);
            case MoveSigned(var _, int source, var _, var _) -> List.of(source);
            case Alu(var _, var _, int destination, int source) -> List.of(destination, source);
            case AluConstant(var _, var _, int destination, var _) -> List.of(destination);
            case Negate(var _, int register) -> List.of(register);
            case Swap(var _, int register) -> List.of(register);
            case Load(var _, var _, var _, int base, var _) -> List.of(base);
            case Store(var _, int base, var _, int source) -> List.of(base, source);
            case StoreConstant(var _, int base, var _, var _) -> List.of(base);
            case StoreSlot(var _, var _, var _, int source) -> List.of(source);
            case Atomic(var _, var _, int base, var _, int operand, var _) -> List.of(base, operand);
            case CallHelper(var _, var _, int arguments) ->
                List.of(1, 2, 3, 4, 5).subList(0, arguments);
            case CallFunction(var _, int arguments) -> List.of(1, 2, 3, 4, 5).subList(0, arguments);
            case Exit(boolean result) -> result ? List.of(0) : List.of();
        };
    }

    /** The registers that are written, or lost. */
    default List<Integer> definitions() {
        return switch (this) {
            case Constant(int destination, var _, var _) -> List.of(destination);
            case Move(int destination, var _, var _) -> List.of(destination);
            case MoveSigned(int destination, var _, var _, var _) -> List.of(destination);
            case MapAddress(int destination, var _) -> List.of(destination);
            case SlotAddress(int destination, var _) -> List.of(destination);
            case Alu(var _, var _, int destination, var _) -> List.of(destination);
            case AluConstant(var _, var _, int destination, var _) -> List.of(destination);
            case Negate(var _, int register) -> List.of(register);
            case Swap(var _, int register) -> List.of(register);
            case Load(var _, var _, int destination, var _, var _) -> List.of(destination);
            case LoadSlot(var _, var _, int destination, var _, var _) -> List.of(destination);
            case Atomic(var _, var _, var _, var _, int operand, boolean fetch) -> fetch ? List.of(operand) : List.of();
            case Store _, StoreConstant _, StoreSlot _, StoreSlotConstant _, Exit _ -> List.of();
            case CallHelper _, CallFunction _ -> CLOBBERED;
        };
    }

    /** The same with other registers; those of calls are fixed. */
    default Machine map(IntUnaryOperator to) {
        return switch (this) {
            case Constant(int destination, long constant, boolean wide) ->
                new Constant(to.applyAsInt(destination), constant, wide);
            case Move(int destination, int source, boolean wide) ->
                new Move(to.applyAsInt(destination), to.applyAsInt(source), wide);
            case MoveSigned(int destination, int source, int bits, boolean wide) ->
                new MoveSigned(to.applyAsInt(destination), to.applyAsInt(source), bits, wide);
            case MapAddress(int destination, String map) -> new MapAddress(to.applyAsInt(destination), map);
            case SlotAddress(int destination, int slot) -> new SlotAddress(to.applyAsInt(destination), slot);
            case Alu(var operation, boolean wide, int destination, int source) ->
                new Alu(operation, wide, to.applyAsInt(destination), to.applyAsInt(source));
            case AluConstant(var operation, boolean wide, int destination, int constant) ->
                new AluConstant(operation, wide, to.applyAsInt(destination), constant);
            case Negate(boolean wide, int register) -> new Negate(wide, to.applyAsInt(register));
            case Swap(int bits, int register) -> new Swap(bits, to.applyAsInt(register));
            case Load(int size, boolean signed, int destination, int base, int offset) ->
                new Load(size, signed, to.applyAsInt(destination), to.applyAsInt(base), offset);
            case Store(int size, int base, int offset, int source) ->
                new Store(size, to.applyAsInt(base), offset, to.applyAsInt(source));
            case StoreConstant(int size, int base, int offset, int constant) ->
                new StoreConstant(size, to.applyAsInt(base), offset, constant);
            case LoadSlot(int size, boolean signed, int destination, int slot, int offset) ->
                new LoadSlot(size, signed, to.applyAsInt(destination), slot, offset);
            case StoreSlot(int size, int slot, int offset, int source) ->
                new StoreSlot(size, slot, offset, to.applyAsInt(source));
            case Atomic(var operation, int size, int base, int offset, int operand, boolean fetch) ->
                new Atomic(operation, size, to.applyAsInt(base), offset, to.applyAsInt(operand), fetch);
            case StoreSlotConstant _, CallHelper _, CallFunction _, Exit _ -> this;
        };
    }
}
