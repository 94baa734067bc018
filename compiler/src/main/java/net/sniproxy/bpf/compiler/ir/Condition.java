package net.sniproxy.bpf.compiler.ir;

/** A comparison of two values. */
public enum Condition {
    /** Equal. */
    EQ("=="),
    /** Not equal. */
    NE("!="),
    /** Unsigned less than. */
    ULT("<u"),
    /** Unsigned less than or equal. */
    ULE("<=u"),
    /** Unsigned greater than. */
    UGT(">u"),
    /** Unsigned greater than or equal. */
    UGE(">=u"),
    /** Signed less than. */
    SLT("<"),
    /** Signed less than or equal. */
    SLE("<="),
    /** Signed greater than. */
    SGT(">"),
    /** Signed greater than or equal. */
    SGE(">="),
    /** Some bit is set in both. */
    SET("&");

    private final String symbol;

    Condition(String symbol) {
        this.symbol = symbol;
    }

    /** How dumps write it. */
    public String symbol() {
        return symbol;
    }

    /** The condition that holds exactly when this one does not; {@link #SET} has none in the instruction set. */
    public Condition negate() {
        return switch (this) {
            case EQ -> NE;
            case NE -> EQ;
            case ULT -> UGE;
            case ULE -> UGT;
            case UGT -> ULE;
            case UGE -> ULT;
            case SLT -> SGE;
            case SLE -> SGT;
            case SGT -> SLE;
            case SGE -> SLT;
            case SET -> throw new IllegalStateException("no negation of a bit test");
        };
    }

    /** The condition with the operands exchanged. */
    public Condition swap() {
        return switch (this) {
            case EQ, NE, SET -> this;
            case ULT -> UGT;
            case ULE -> UGE;
            case UGT -> ULT;
            case UGE -> ULE;
            case SLT -> SGT;
            case SLE -> SGE;
            case SGT -> SLT;
            case SGE -> SLE;
        };
    }

    /** The same order on unsigned numbers. */
    public Condition unsigned() {
        return switch (this) {
            case SLT -> ULT;
            case SLE -> ULE;
            case SGT -> UGT;
            case SGE -> UGE;
            case EQ, NE, SET, ULT, ULE, UGT, UGE -> this;
        };
    }

    /** Whether it is one of the four signed orders. */
    public boolean isSigned() {
        return switch (this) {
            case SLT, SLE, SGT, SGE -> true;
            case EQ, NE, SET, ULT, ULE, UGT, UGE -> false;
        };
    }

    /** Evaluates it on constants of type {@code type}. */
    public boolean test(Type type, long left, long right) {
        long a = type == Type.I32 ? (int) left : left;
        long b = type == Type.I32 ? (int) right : right;
        return switch (this) {
            case EQ -> a == b;
            case NE -> a != b;
            case ULT -> Long.compareUnsigned(a, b) < 0;
            case ULE -> Long.compareUnsigned(a, b) <= 0;
            case UGT -> Long.compareUnsigned(a, b) > 0;
            case UGE -> Long.compareUnsigned(a, b) >= 0;
            case SLT -> a < b;
            case SLE -> a <= b;
            case SGT -> a > b;
            case SGE -> a >= b;
            case SET -> (a & b) != 0;
        };
    }
}
