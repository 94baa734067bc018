package net.sniproxy.bpf.compiler.ir;

/** Integer arithmetic with Java's meaning, in the width of the result's type. */
public enum BinaryOperator {
    ADD(true),
    SUB(false),
    MUL(true),
    /** Signed division. The divisor must be proven to be other than zero. */
    SDIV(false),
    /** Signed remainder. */
    SMOD(false),
    /** Unsigned division. */
    UDIV(false),
    /** Unsigned remainder. */
    UMOD(false),
    AND(true),
    OR(true),
    XOR(true),
    /** Left shift; the count is taken modulo the width, as in Java and in eBPF. */
    SHL(false),
    /** Logical right shift. */
    LSHR(false),
    /** Arithmetic right shift. */
    ASHR(false);

    private final boolean commutative;

    BinaryOperator(boolean commutative) {
        this.commutative = commutative;
    }

    /** Whether the operands may be exchanged. */
    public boolean commutative() {
        return commutative;
    }

    /** Whether it is one of the four divisions. */
    public boolean divides() {
        return switch (this) {
            case SDIV, SMOD, UDIV, UMOD -> true;
            case ADD, SUB, MUL, AND, OR, XOR, SHL, LSHR, ASHR -> false;
        };
    }

    /**
     * Evaluates it on constants; {@code int} results are sign-extended.
     *
     * @throws ArithmeticException if the divisor is zero
     */
    public long apply(Type type, long a, long b) {
        return type == Type.I32 ? applyInt((int) a, (int) b) : applyLong(a, b);
    }

    private int applyInt(int a, int b) {
        return switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case SDIV -> a / b;
            case SMOD -> a % b;
            case UDIV -> Integer.divideUnsigned(a, b);
            case UMOD -> Integer.remainderUnsigned(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> a << b;
            case LSHR -> a >>> b;
            case ASHR -> a >> b;
        };
    }

    private long applyLong(long a, long b) {
        return switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case SDIV -> a / b;
            case SMOD -> a % b;
            case UDIV -> Long.divideUnsigned(a, b);
            case UMOD -> Long.remainderUnsigned(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> a << b;
            case LSHR -> a >>> b;
            case ASHR -> a >> b;
        };
    }
}
