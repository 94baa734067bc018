package net.sniproxy.bpf.asm;

/** Numbers of the encoding: RFC 9669, and include/uapi/linux/bpf.h for what came later. */
final class Opcodes {
    static final int CLASS_MASK = 0x07;
    static final int LD = 0x00;
    static final int LDX = 0x01;
    static final int ST = 0x02;
    static final int STX = 0x03;
    static final int ALU = 0x04;
    static final int JMP = 0x05;
    static final int JMP32 = 0x06;
    static final int ALU64 = 0x07;

    /** The second operand is a register. */
    static final int REGISTER = 0x08;

    static final int OPERATION_MASK = 0xf0;
    static final int NEG = 0x80;
    static final int MOV = 0xb0;
    static final int END = 0xd0;

    static final int JA = 0x00;
    static final int CALL = 0x80;
    static final int EXIT = 0x90;
    static final int JCOND = 0xe0;

    static final int MODE_MASK = 0xe0;
    static final int MODE_IMM = 0x00;
    static final int MODE_ABS = 0x20;
    static final int MODE_IND = 0x40;
    static final int MODE_MEM = 0x60;
    static final int MODE_MEMSX = 0x80;
    /** With ST: a speculation barrier. With STX: an atomic. */
    static final int MODE_ATOMIC = 0xc0;

    static final int LD_IMM64 = LD | MODE_IMM | 0x18;

    static final int ATOMIC_FETCH = 0x01;
    static final int ATOMIC_XCHG = 0xe1;
    static final int ATOMIC_CMPXCHG = 0xf1;
    static final int ATOMIC_LOAD_ACQUIRE = 0x100;
    static final int ATOMIC_STORE_RELEASE = 0x110;

    /** Offset field of a move between address spaces, and of one to a per-CPU address. */
    static final short MOV_ADDRESS_SPACE = 1;

    static final short MOV_PER_CPU = -1;

    /** Immediate field of a 32-bit move of a register to itself that the verifier inserts. */
    static final int MOV_ZERO_EXTEND = 1;

    /** Source field of a 64-bit load. */
    static final int PSEUDO_MAP_FD = 1;

    static final int PSEUDO_MAP_VALUE = 2;
    static final int PSEUDO_BTF_ID = 3;
    static final int PSEUDO_FUNC = 4;
    static final int PSEUDO_MAP_IDX = 5;
    static final int PSEUDO_MAP_IDX_VALUE = 6;

    /** Source field of a call. */
    static final int PSEUDO_CALL = 1;

    static final int PSEUDO_KFUNC_CALL = 2;

    private Opcodes() {}
}
