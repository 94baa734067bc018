package net.sniproxy.bpf.asm;

/** Checks that instructions have in common. */
final class Operands {
    private Operands() {}

    static void requireSwappable(Size size) {
        if (size == Size.U8) {
            throw new IllegalArgumentException("one byte has no byte order: 16, 32 or 64 bits");
        }
    }

    static void requireAtomicSize(Size size) {
        if (size.bytes() < 4) {
            throw new IllegalArgumentException("atomic updates are of 32 or 64 bits, not " + size.bits());
        }
    }

    static void requirePacketSize(Size size) {
        if (size == Size.U64) {
            throw new IllegalArgumentException("packet loads are of 8, 16 or 32 bits, not 64");
        }
    }
}
