package net.sniproxy.bpf.asm;

/**
 * Two-operand arithmetic: {@code destination = destination OP source}.
 *
 * <p>Division by zero gives 0 and remainder by zero leaves the dividend; shifts use the low 5 or 6 bits of the count.
 */
public enum AluOperation {
    ADD(0x00, 0, "+="),
    SUB(0x10, 0, "-="),
    MUL(0x20, 0, "*="),
    /** Unsigned. */
    DIV(0x30, 0, "/="),
    OR(0x40, 0, "|="),
    AND(0x50, 0, "&="),
    LSH(0x60, 0, "<<="),
    /** Unsigned. */
    RSH(0x70, 0, ">>="),
    /** Unsigned. */
    MOD(0x90, 0, "%="),
    XOR(0xa0, 0, "^="),
    /** Signed shift right. */
    ARSH(0xc0, 0, "s>>="),
    /** Since instruction set v4, Linux 6.6. */
    SIGNED_DIV(0x30, 1, "s/="),
    /** Since instruction set v4, Linux 6.6. */
    SIGNED_MOD(0x90, 1, "s%=");

    private final int code;
    private final int offset;
    private final String symbol;

    AluOperation(int code, int offset, String symbol) {
        this.code = code;
        this.offset = offset;
        this.symbol = symbol;
    }

    /** As the kernel's disassembler writes it. */
    public String symbol() {
        return symbol;
    }

    /** Upper four bits of the opcode. */
    int code() {
        return code;
    }

    /** The instruction's offset field, which tells the signed operations apart. */
    int offset() {
        return offset;
    }
}
