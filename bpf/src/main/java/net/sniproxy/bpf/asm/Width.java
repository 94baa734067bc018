package net.sniproxy.bpf.asm;

/** How much of a register an operation works on. */
public enum Width {
    /** The lower half, written {@code w1}; the upper half of the result is zeroed. */
    BITS_32('w'),
    /** The whole register, written {@code r1}. */
    BITS_64('r');

    private final char prefix;

    Width(char prefix) {
        this.prefix = prefix;
    }

    /** {@code r3} or {@code w3}. */
    public String name(Register register) {
        return prefix + Integer.toString(register.number());
    }
}
