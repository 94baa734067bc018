package net.sniproxy.bpf.asm;

/** The eleven 64-bit registers of eBPF. */
public enum Register {
    /** Result of calls and of the program. */
    R0,
    /** First argument; the context when a program starts. */
    R1,
    R2,
    R3,
    R4,
    /** Fifth and last argument; r1 to r5 are lost in calls. */
    R5,
    /** First of four registers that calls preserve. */
    R6,
    R7,
    R8,
    R9,
    /** The frame pointer: read-only, the stack is the 512 bytes below it. */
    R10;

    private static final Register[] ALL = values();

    /** The register of this number, 0 to 10. */
    public static Register of(int number) {
        if (number < 0 || number >= ALL.length) {
            throw new IllegalArgumentException("no register r" + number + ": eBPF has r0 to r10");
        }
        return ALL[number];
    }

    /** 0 to 10. */
    public int number() {
        return ordinal();
    }

    /** The whole register as the kernel writes it: {@code r3}. */
    @Override
    public String toString() {
        return "r" + ordinal();
    }
}
