package net.sniproxy.bpf.asm;

/** Size of a memory access. */
public enum Size {
    U8(1, 0x10),
    U16(2, 0x08),
    U32(4, 0x00),
    U64(8, 0x18);

    private final int bytes;
    private final int code;

    Size(int bytes, int code) {
        this.bytes = bytes;
        this.code = code;
    }

    /** The size of so many bytes: 1, 2, 4 or 8. */
    public static Size ofBytes(int bytes) {
        return switch (bytes) {
            case 1 -> U8;
            case 2 -> U16;
            case 4 -> U32;
            case 8 -> U64;
            default -> throw new IllegalArgumentException("no memory access of " + bytes + " bytes: 1, 2, 4 or 8");
        };
    }

    static Size ofCode(int code) {
        return switch (code & 0x18) {
            case 0x00 -> U32;
            case 0x08 -> U16;
            case 0x10 -> U8;
            default -> U64;
        };
    }

    /** 1, 2, 4 or 8. */
    public int bytes() {
        return bytes;
    }

    /** 8, 16, 32 or 64. */
    public int bits() {
        return bytes * 8;
    }

    /** Bits 3 and 4 of the opcode. */
    int code() {
        return code;
    }
}
