package net.sniproxy.bpf.asm;

/** When a conditional jump is taken: {@code left OP right}; unsigned unless the name says otherwise. */
public enum Condition {
    EQ(0x10, "=="),
    GT(0x20, ">"),
    GE(0x30, ">="),
    /** A bit is set in both. */
    SET(0x40, "&"),
    NE(0x50, "!="),
    SIGNED_GT(0x60, "s>"),
    SIGNED_GE(0x70, "s>="),
    /** The four "less" conditions are of instruction set v2, Linux 4.14. */
    LT(0xa0, "<"),
    LE(0xb0, "<="),
    SIGNED_LT(0xc0, "s<"),
    SIGNED_LE(0xd0, "s<=");

    private final int code;
    private final String symbol;

    Condition(int code, String symbol) {
        this.code = code;
        this.symbol = symbol;
    }

    /** As the kernel's disassembler writes it. */
    public String symbol() {
        return symbol;
    }

    /** Whether this condition has an exact opposite; {@link #SET} has none. */
    public boolean invertible() {
        return this != SET;
    }

    /**
     * The condition that holds exactly when this one does not.
     *
     * @throws IllegalStateException for {@link #SET}, which has no opposite instruction
     */
    public Condition inverse() {
        return switch (this) {
            case EQ -> NE;
            case NE -> EQ;
            case GT -> LE;
            case LE -> GT;
            case GE -> LT;
            case LT -> GE;
            case SIGNED_GT -> SIGNED_LE;
            case SIGNED_LE -> SIGNED_GT;
            case SIGNED_GE -> SIGNED_LT;
            case SIGNED_LT -> SIGNED_GE;
            case SET -> throw new IllegalStateException("there is no jump for \"no common bit set\"");
        };
    }

    /** Upper four bits of the opcode. */
    int code() {
        return code;
    }
}
