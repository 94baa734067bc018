package net.sniproxy.bpf.asm;

/** Atomic read-modify-write of memory with a register: {@code *memory = *memory OP source}. */
public enum AtomicOperation {
    ADD(0x00, "+=", "add"),
    OR(0x40, "|=", "or"),
    AND(0x50, "&=", "and"),
    XOR(0xa0, "^=", "xor");

    private final int code;
    private final String symbol;
    private final String verb;

    AtomicOperation(int code, String symbol, String verb) {
        this.code = code;
        this.symbol = symbol;
        this.verb = verb;
    }

    String symbol() {
        return symbol;
    }

    /** The word in the kernel's notation {@code atomic_fetch_WORD}. */
    String verb() {
        return verb;
    }

    /** The immediate field without the fetch flag. */
    int code() {
        return code;
    }
}
