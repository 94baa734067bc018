package net.sniproxy.bpf.compiler.ir;

/** What an instruction does. The arguments are in the {@link Value}; offsets are in bytes. */
public sealed interface Op {

    // ---- leaves: they belong to no block ----

    /** A number; for a {@link Type#POINTER} it is 0, Java's {@code null}. {@code int}s are sign-extended. */
    record Constant(long value) implements Op {}

    /** The address of a map's descriptor. */
    record MapAddress(String map) implements Op {}

    /**
     * The address of an object on the BPF stack.
     *
     * @param slot the number of the {@code new} expression in this function
     * @param size in bytes, a multiple of 8
     */
    record StackAddress(int slot, int size) implements Op {}

    /** Parameter number {@code index}, from register {@code r1 + index}. */
    record Parameter(int index) implements Op {}

    /** A value that does not exist: what an unsupported construct leaves behind. */
    record Undefined() implements Op {}

    // ---- instructions ----

    /** Joins one argument per predecessor of the block, in the order of {@link Block#predecessors()}. */
    record Phi() implements Op {}

    /** {@code (left, right)}. */
    record Binary(BinaryOperator operator) implements Op {}

    /** {@code (pointer, I64 index)}: a pointer moved by a number of bytes. */
    record Offset() implements Op {}

    /** {@code (value)}: two's complement. */
    record Negate() implements Op {}

    /** {@code (value)}: the low {@code bits} of the value with their bytes in reverse order, zero-extended. */
    record ByteSwap(int bits) implements Op {}

    /** {@code (value)}: the low {@code bits} of the value extended to the result's type. */
    record Extend(int bits, boolean signed) implements Op {}

    /** {@code (I64)}: the low 32 bits. */
    record Truncate() implements Op {}

    /** {@code (left, right)}: 1 if the condition holds, else 0. */
    record Compare(Condition condition) implements Op {}

    /** {@code (left, right)}: -1, 0 or 1, as {@code Long.compare} or {@code Long.compareUnsigned}. */
    record Compare3(boolean signed) implements Op {}

    /** {@code (pointer)}: {@code size} bytes in the target's byte order, extended to the result's type. */
    record Load(int size, boolean signed, int offset) implements Op {}

    /** {@code (pointer, value)}: the low {@code size} bytes of the value. */
    record Store(int size, int offset) implements Op {}

    /** {@code (pointer, value)}: an atomic read-modify-write of {@code size} bytes (4 or 8). */
    record Atomic(AtomicOperator operator, int size, int offset, boolean fetch) implements Op {}

    /** {@code (stack address)}: the object comes to life, all its bytes zero. */
    record Clear(int size) implements Op {}

    /** {@code (arguments)}: a call of helper number {@code helper}, after which packet pointers may be dead. */
    record CallHelper(int helper, String name, boolean movesPacket) implements Op {}

    /** {@code (arguments)}: a call of another function of the same program. */
    record CallFunction(String function, boolean movesPacket) implements Op {}

    /** A construct that cannot be compiled: an error if it is still reachable after optimisation. */
    record Unsupported(String message) implements Op {}

    /** Atomic operations of the instruction set. */
    enum AtomicOperator {
        ADD,
        AND,
        OR,
        XOR
    }

    /** Whether values with this operation live outside blocks. */
    default boolean isLeaf() {
        return switch (this) {
            case Constant _, MapAddress _, StackAddress _, Parameter _, Undefined _ -> true;
            case Phi _, Binary _, Offset _, Negate _, ByteSwap _, Extend _, Truncate _, Compare _ -> false;
            case Compare3 _, Load _, Store _, Atomic _, Clear _, CallHelper _, CallFunction _, Unsupported _ -> false;
        };
    }

    /** Whether equal operations on equal arguments give equal results wherever they stand. */
    default boolean isPure() {
        return switch (this) {
            case Constant _, MapAddress _, StackAddress _, Parameter _, Undefined _ -> true;
            case Binary _, Offset _, Negate _, ByteSwap _, Extend _, Truncate _, Compare _, Compare3 _ -> true;
            case Phi _, Load _, Store _, Atomic _, Clear _, CallHelper _, CallFunction _, Unsupported _ -> false;
        };
    }

    /** Whether it must stay even if nobody uses its result. */
    default boolean hasEffect() {
        return switch (this) {
            case Store _, Atomic _, Clear _, CallHelper _, CallFunction _, Unsupported _ -> true;
            case Constant _, MapAddress _, StackAddress _, Parameter _, Undefined _, Phi _ -> false;
            case Binary _, Offset _, Negate _, ByteSwap _, Extend _, Truncate _, Compare _, Compare3 _, Load _ -> false;
        };
    }

    /** Whether it may change memory that this function did not allocate, or that a callee can see. */
    default boolean writesMemory() {
        return switch (this) {
            case Store _, Atomic _, Clear _, CallHelper _, CallFunction _ -> true;
            case Constant _, MapAddress _, StackAddress _, Parameter _, Undefined _, Phi _, Unsupported _ -> false;
            case Binary _, Offset _, Negate _, ByteSwap _, Extend _, Truncate _, Compare _, Compare3 _, Load _ -> false;
        };
    }
}
