package net.sniproxy.bpf.asm;

import java.nio.ByteOrder;

/**
 * One eBPF instruction, an immutable value.
 *
 * <p>Every instruction of instruction sets v1 to v4 has a record here. Jump and call offsets count 8-byte slots from
 * the slot after the instruction. Memory offsets and jump offsets of 16 bits are {@code short}: what does not fit cannot
 * be made.
 *
 * <p>{@link Symbolic} instructions stand for something that is known only when the program is linked or loaded: they
 * have a place and a size, but no encoding yet.
 */
public sealed interface Instruction {

    /** How many 8-byte slots the encoding takes: 2 for the loads of a 64-bit constant, else 1. */
    default int slots() {
        return this instanceof WideLoad ? 2 : 1;
    }

    /** Loads of 64 bits that are part of the instruction, which takes two slots. */
    sealed interface WideLoad extends Instruction {
        Register destination();
    }

    /** Names a map or a function, and cannot be encoded before the name is resolved. */
    sealed interface Symbolic extends Instruction {
        /** Name of the map or function. */
        String symbol();
    }

    // Arithmetic

    /** {@code r1 += 5}; the constant is sign-extended to the width. */
    record AluConstant(Width width, AluOperation operation, Register destination, int constant)
            implements Instruction {}

    /** {@code r1 += r2}. */
    record AluRegister(Width width, AluOperation operation, Register destination, Register source)
            implements Instruction {}

    /** {@code r1 = 5}; the constant is sign-extended to the width. */
    record MoveConstant(Width width, Register destination, int constant) implements Instruction {}

    /** {@code r1 = r2}. */
    record Move(Width width, Register destination, Register source) implements Instruction {}

    /** {@code r1 = (s8)r2}: sign extension from 8, 16 or (64-bit only) 32 bits. Since v4, Linux 6.6. */
    record MoveSigned(Width width, Size from, Register destination, Register source) implements Instruction {
        public MoveSigned {
            if (from.bits() >= (width == Width.BITS_32 ? 32 : 64)) {
                throw new IllegalArgumentException("no sign extension from " + from + " to " + width);
            }
        }
    }

    /** {@code r1 = -r1}. */
    record Negate(Width width, Register register) implements Instruction {}

    /** {@code r1 = be16 r1}: converts 16, 32 or 64 bits between the machine's byte order and the given one. */
    record ToByteOrder(ByteOrder order, Size size, Register register) implements Instruction {
        public ToByteOrder {
            Operands.requireSwappable(size);
        }
    }

    /** {@code r1 = bswap16 r1}: reverses the bytes on any machine. Since v4, Linux 6.6. */
    record ByteSwap(Size size, Register register) implements Instruction {
        public ByteSwap {
            Operands.requireSwappable(size);
        }
    }

    /** {@code r1 = addr_space_cast(r2, to, from)}: between arena and kernel pointers. Since Linux 6.9. */
    record CastAddressSpace(Register destination, Register source, int to, int from) implements Instruction {
        public CastAddressSpace {
            if ((to | from) >>> 16 != 0) {
                throw new IllegalArgumentException("address spaces are 16-bit numbers, not " + to + " and " + from);
            }
        }
    }

    /** {@code r1 = &(void __percpu *)(r2)}: only the kernel makes this one, in programs it gives back. */
    record MovePerCpuAddress(Register destination, Register source) implements Instruction {}

    /**
     * {@code w1 = w1}, marked as made for the sake of the upper half: only the kernel makes this one, in programs it
     * gives back.
     */
    record ZeroExtend(Register register) implements Instruction {}

    // Constants of 64 bits

    /** {@code r1 = 0x1122334455667788}. */
    record LoadConstant(Register destination, long constant) implements WideLoad {}

    /** {@code r1 = map[NAME]}: the map's address once the program is loaded. */
    record LoadMap(Register destination, String mapName) implements WideLoad, Symbolic {
        @Override
        public String symbol() {
            return mapName;
        }
    }

    /** {@code r1 = map[NAME][0]+8}: the address of a byte in the first value of an array map. Since Linux 5.2. */
    record LoadMapValue(Register destination, String mapName, int valueOffset) implements WideLoad, Symbolic {
        @Override
        public String symbol() {
            return mapName;
        }
    }

    /** {@link LoadMap} resolved to a descriptor. */
    record LoadMapDescriptor(Register destination, int descriptor) implements WideLoad {}

    /** {@link LoadMapValue} resolved to a descriptor. */
    record LoadMapDescriptorValue(Register destination, int descriptor, int valueOffset) implements WideLoad {}

    /** A map by its place in the descriptor array given at load. Since Linux 5.14. */
    record LoadMapIndex(Register destination, int index) implements WideLoad {}

    /** A byte of the first value of a map by its place in the descriptor array. Since Linux 5.14. */
    record LoadMapIndexValue(Register destination, int index, int valueOffset) implements WideLoad {}

    /** Address of a kernel variable by its id in the BTF of the kernel (descriptor 0) or of a module. Linux 5.10. */
    record LoadKernelVariable(Register destination, int btfId, int btfDescriptor) implements WideLoad {}

    /** {@code r1 = subprog[+3]}: address of a function of this program, as a callback for helpers. Linux 5.13. */
    record LoadFunction(Register destination, int offset) implements WideLoad {}

    /** {@link LoadFunction} by name. */
    record LoadNamedFunction(Register destination, String functionName) implements WideLoad, Symbolic {
        @Override
        public String symbol() {
            return functionName;
        }
    }

    // Memory

    /** {@code r1 = *(u32 *)(r2 +4)}; zero-extended. */
    record Load(Size size, Register destination, Register base, short offset) implements Instruction {}

    /** {@code r1 = *(s32 *)(r2 +4)}; sign-extended from 8, 16 or 32 bits. Since v4, Linux 6.6. */
    record LoadSigned(Size size, Register destination, Register base, short offset) implements Instruction {
        public LoadSigned {
            if (size == Size.U64) {
                throw new IllegalArgumentException("a load of 64 bits has nothing to extend: use Load");
            }
        }
    }

    /** {@code *(u32 *)(r1 +4) = r2}. */
    record Store(Size size, Register base, short offset, Register source) implements Instruction {}

    /** {@code *(u32 *)(r1 +4) = 5}; the constant is sign-extended to 64 bits. */
    record StoreConstant(Size size, Register base, short offset, int constant) implements Instruction {}

    /** {@code r0 = *(u16 *)skb[12]}: network byte order, ends the program when out of bounds. A relic of v1. */
    record LoadPacketAbsolute(Size size, int offset) implements Instruction {
        public LoadPacketAbsolute {
            Operands.requirePacketSize(size);
        }
    }

    /** {@code r0 = *(u16 *)skb[r6 + 12]}. A relic of v1. */
    record LoadPacketIndirect(Size size, Register index, int offset) implements Instruction {
        public LoadPacketIndirect {
            Operands.requirePacketSize(size);
        }
    }

    // Atomics

    /** {@code lock *(u64 *)(r1 +0) += r2}. All but ADD since v3, Linux 5.12. */
    record AtomicUpdate(Size size, AtomicOperation operation, Register base, short offset, Register source)
            implements Instruction {
        public AtomicUpdate {
            Operands.requireAtomicSize(size);
        }
    }

    /** {@code r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)}: the old value replaces the operand. Linux 5.12. */
    record AtomicFetch(Size size, AtomicOperation operation, Register base, short offset, Register source)
            implements Instruction {
        public AtomicFetch {
            Operands.requireAtomicSize(size);
        }
    }

    /** {@code r2 = atomic64_xchg((u64 *)(r1 +0), r2)}. Since Linux 5.12. */
    record AtomicExchange(Size size, Register base, short offset, Register source) implements Instruction {
        public AtomicExchange {
            Operands.requireAtomicSize(size);
        }
    }

    /** {@code r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)}: stores r2 when the old value is r0. Linux 5.12. */
    record AtomicCompareExchange(Size size, Register base, short offset, Register source) implements Instruction {
        public AtomicCompareExchange {
            Operands.requireAtomicSize(size);
        }
    }

    /** {@code r1 = load_acquire((u32 *)(r2 +0))}. Since Linux 6.15. */
    record LoadAcquire(Size size, Register destination, Register base, short offset) implements Instruction {}

    /** {@code store_release((u32 *)(r1 +0), r2)}. Since Linux 6.15. */
    record StoreRelease(Size size, Register base, short offset, Register source) implements Instruction {}

    // Control flow

    /** {@code goto pc+3}. */
    record Jump(short offset) implements Instruction {}

    /** {@code gotol pc+3}: a jump with 32 bits of offset. Since v4, Linux 6.6. */
    record LongJump(int offset) implements Instruction {}

    /** {@code may_goto pc+3}: jumps when the program's budget of loop turns is spent. Since Linux 6.9. */
    record MayGoto(short offset) implements Instruction {}

    /** {@code if r1 > 0x5 goto pc+3}. 32-bit comparisons since v3, Linux 5.1. */
    record JumpIfConstant(Width width, Condition condition, Register left, int right, short offset)
            implements Instruction {}

    /** {@code if r1 > r2 goto pc+3}. 32-bit comparisons since v3, Linux 5.1. */
    record JumpIf(Width width, Condition condition, Register left, Register right, short offset)
            implements Instruction {}

    /** {@code call bpf_map_lookup_elem#1}: a helper function by its number. */
    record CallHelper(int helper) implements Instruction {}

    /**
     * A kernel function by its id in the BTF of the kernel, or of the module whose BTF descriptor is at {@code module}
     * in the descriptor array (0: the kernel). Since Linux 5.13.
     */
    record CallKernelFunction(int btfId, short module) implements Instruction {}

    /** {@code call pc+3}: a function of this program. */
    record CallLocal(int offset) implements Instruction {}

    /** {@link CallLocal} by name. */
    record CallFunction(String functionName) implements Symbolic {
        @Override
        public String symbol() {
            return functionName;
        }
    }

    /** {@code exit}: returns r0. */
    record Exit() implements Instruction {}

    /** {@code nospec}: only the kernel makes this one, in programs it gives back. */
    record SpeculationBarrier() implements Instruction {}
}
