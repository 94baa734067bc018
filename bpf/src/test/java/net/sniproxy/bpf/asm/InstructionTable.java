package net.sniproxy.bpf.asm;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static net.sniproxy.bpf.asm.AluOperation.*;
import static net.sniproxy.bpf.asm.Condition.*;
import static net.sniproxy.bpf.asm.Register.*;
import static net.sniproxy.bpf.asm.Size.*;
import static net.sniproxy.bpf.asm.Width.*;

import java.util.List;
import net.sniproxy.bpf.asm.Instruction.*;

/** Every instruction with its bytes on a little-endian machine and its text in the kernel's notation. */
final class InstructionTable {
    /**
     * What an instruction looks like.
     *
     * @param bytes hexadecimal; those that LLVM 14 knows were compared with its disassembly
     */
    record Row(Instruction instruction, String bytes, String text) {}

    static final List<Row> ROWS = List.of(
            new Row(new AluConstant(BITS_64, ADD, R1, -5), "07010000fbffffff", "r1 += -5"),
            new Row(new AluConstant(BITS_32, SUB, R2, 7), "1402000007000000", "w2 -= 7"),
            new Row(new AluConstant(BITS_64, MUL, R3, 3), "2703000003000000", "r3 *= 3"),
            new Row(new AluConstant(BITS_64, DIV, R4, 10), "370400000a000000", "r4 /= 10"),
            new Row(new AluConstant(BITS_32, OR, R5, 255), "44050000ff000000", "w5 |= 255"),
            new Row(new AluConstant(BITS_64, AND, R6, 0x7fffffff), "57060000ffffff7f", "r6 &= 2147483647"),
            new Row(new AluConstant(BITS_64, LSH, R7, 63), "670700003f000000", "r7 <<= 63"),
            new Row(new AluConstant(BITS_32, RSH, R8, 31), "740800001f000000", "w8 >>= 31"),
            new Row(new AluConstant(BITS_64, MOD, R9, 1000), "97090000e8030000", "r9 %= 1000"),
            new Row(new AluConstant(BITS_32, XOR, R0, -1), "a4000000ffffffff", "w0 ^= -1"),
            new Row(new AluConstant(BITS_64, ARSH, R1, 8), "c701000008000000", "r1 s>>= 8"),
            new Row(new AluConstant(BITS_64, SIGNED_DIV, R1, -3), "37010100fdffffff", "r1 s/= -3"),
            new Row(new AluConstant(BITS_32, SIGNED_MOD, R1, 3), "9401010003000000", "w1 s%= 3"),
            new Row(new AluRegister(BITS_64, ADD, R1, R2), "0f21000000000000", "r1 += r2"),
            new Row(new AluRegister(BITS_32, SUB, R2, R3), "1c32000000000000", "w2 -= w3"),
            new Row(new AluRegister(BITS_64, MUL, R3, R4), "2f43000000000000", "r3 *= r4"),
            new Row(new AluRegister(BITS_32, DIV, R4, R5), "3c54000000000000", "w4 /= w5"),
            new Row(new AluRegister(BITS_64, OR, R5, R6), "4f65000000000000", "r5 |= r6"),
            new Row(new AluRegister(BITS_64, AND, R6, R7), "5f76000000000000", "r6 &= r7"),
            new Row(new AluRegister(BITS_32, LSH, R7, R8), "6c87000000000000", "w7 <<= w8"),
            new Row(new AluRegister(BITS_64, RSH, R8, R9), "7f98000000000000", "r8 >>= r9"),
            new Row(new AluRegister(BITS_64, MOD, R9, R0), "9f09000000000000", "r9 %= r0"),
            new Row(new AluRegister(BITS_32, XOR, R0, R1), "ac10000000000000", "w0 ^= w1"),
            new Row(new AluRegister(BITS_64, ARSH, R1, R2), "cf21000000000000", "r1 s>>= r2"),
            new Row(new AluRegister(BITS_32, SIGNED_DIV, R1, R2), "3c21010000000000", "w1 s/= w2"),
            new Row(new AluRegister(BITS_64, SIGNED_MOD, R1, R2), "9f21010000000000", "r1 s%= r2"),
            new Row(new MoveConstant(BITS_64, R0, -1), "b7000000ffffffff", "r0 = -1"),
            new Row(new MoveConstant(BITS_32, R9, 42), "b40900002a000000", "w9 = 42"),
            new Row(new Move(BITS_64, R6, R1), "bf16000000000000", "r6 = r1"),
            new Row(new Move(BITS_32, R0, R10), "bca0000000000000", "w0 = w10"),
            new Row(new MoveSigned(BITS_64, U8, R1, R2), "bf21080000000000", "r1 = (s8)r2"),
            new Row(new MoveSigned(BITS_64, U16, R1, R2), "bf21100000000000", "r1 = (s16)r2"),
            new Row(new MoveSigned(BITS_64, U32, R1, R2), "bf21200000000000", "r1 = (s32)r2"),
            new Row(new MoveSigned(BITS_32, U8, R1, R2), "bc21080000000000", "w1 = (s8)w2"),
            new Row(new MoveSigned(BITS_32, U16, R1, R2), "bc21100000000000", "w1 = (s16)w2"),
            new Row(new Negate(BITS_64, R3), "8703000000000000", "r3 = -r3"),
            new Row(new Negate(BITS_32, R4), "8404000000000000", "w4 = -w4"),
            new Row(new ToByteOrder(BIG_ENDIAN, U16, R1), "dc01000010000000", "r1 = be16 r1"),
            new Row(new ToByteOrder(BIG_ENDIAN, U64, R1), "dc01000040000000", "r1 = be64 r1"),
            new Row(new ToByteOrder(LITTLE_ENDIAN, U32, R2), "d402000020000000", "r2 = le32 r2"),
            new Row(new ByteSwap(U16, R1), "d701000010000000", "r1 = bswap16 r1"),
            new Row(new ByteSwap(U32, R2), "d702000020000000", "r2 = bswap32 r2"),
            new Row(new ByteSwap(U64, R3), "d703000040000000", "r3 = bswap64 r3"),
            new Row(new CastAddressSpace(R1, R2, 0, 1), "bf21010001000000", "r1 = addr_space_cast(r2, 0, 1)"),
            new Row(new CastAddressSpace(R3, R4, 1, 0), "bf43010000000100", "r3 = addr_space_cast(r4, 1, 0)"),
            new Row(new MovePerCpuAddress(R0, R0), "bf00ffff00000000", "r0 = &(void __percpu *)(r0)"),
            new Row(new ZeroExtend(R3), "bc33000001000000", "w3 = w3"),
            new Row(
                    new LoadConstant(R1, 0x1122334455667788L),
                    "18010000887766550000000044332211",
                    "r1 = 0x1122334455667788"),
            new Row(new LoadConstant(R2, -1L), "18020000ffffffff00000000ffffffff", "r2 = 0xffffffffffffffff"),
            new Row(new LoadConstant(R3, 0xffffffffL), "18030000ffffffff0000000000000000", "r3 = 0xffffffff"),
            new Row(new LoadMapDescriptor(R1, 5), "18110000050000000000000000000000", "r1 = map[fd:5]"),
            new Row(new LoadMapDescriptorValue(R1, 5, 8), "18210000050000000000000008000000", "r1 = map[fd:5][0]+8"),
            new Row(new LoadMapIndex(R1, 2), "18510000020000000000000000000000", "r1 = map[idx:2]"),
            new Row(new LoadMapIndexValue(R1, 2, 16), "18610000020000000000000010000000", "r1 = map[idx:2]+16"),
            new Row(new LoadKernelVariable(R1, 4711, 9), "18310000671200000000000009000000", "r1 = btf[4711]"),
            new Row(new LoadFunction(R2, 3), "18420000030000000000000000000000", "r2 = subprog[+3]"),
            new Row(new Load(U8, R1, R2, (short) 4), "7121040000000000", "r1 = *(u8 *)(r2 +4)"),
            new Row(new Load(U16, R1, R2, (short) -4), "6921fcff00000000", "r1 = *(u16 *)(r2 -4)"),
            new Row(new Load(U32, R0, R1, (short) 0), "6110000000000000", "r0 = *(u32 *)(r1 +0)"),
            new Row(new Load(U64, R9, R10, (short) -32768), "79a9008000000000", "r9 = *(u64 *)(r10 -32768)"),
            new Row(new LoadSigned(U8, R1, R2, (short) 1), "9121010000000000", "r1 = *(s8 *)(r2 +1)"),
            new Row(new LoadSigned(U16, R1, R2, (short) 2), "8921020000000000", "r1 = *(s16 *)(r2 +2)"),
            new Row(new LoadSigned(U32, R1, R2, (short) 4), "8121040000000000", "r1 = *(s32 *)(r2 +4)"),
            new Row(new Store(U8, R10, (short) -1, R2), "732affff00000000", "*(u8 *)(r10 -1) = r2"),
            new Row(new Store(U16, R10, (short) -2, R2), "6b2afeff00000000", "*(u16 *)(r10 -2) = r2"),
            new Row(new Store(U32, R10, (short) -4, R2), "632afcff00000000", "*(u32 *)(r10 -4) = r2"),
            new Row(new Store(U64, R10, (short) -8, R9), "7b9af8ff00000000", "*(u64 *)(r10 -8) = r9"),
            new Row(new StoreConstant(U8, R1, (short) 0, 5), "7201000005000000", "*(u8 *)(r1 +0) = 5"),
            new Row(new StoreConstant(U16, R1, (short) 2, -1), "6a010200ffffffff", "*(u16 *)(r1 +2) = -1"),
            new Row(new StoreConstant(U32, R1, (short) 4, 65536), "6201040000000100", "*(u32 *)(r1 +4) = 65536"),
            new Row(new StoreConstant(U64, R10, (short) -8, 0), "7a0af8ff00000000", "*(u64 *)(r10 -8) = 0"),
            new Row(new LoadPacketAbsolute(U8, 23), "3000000017000000", "r0 = *(u8 *)skb[23]"),
            new Row(new LoadPacketAbsolute(U16, 12), "280000000c000000", "r0 = *(u16 *)skb[12]"),
            new Row(new LoadPacketAbsolute(U32, 26), "200000001a000000", "r0 = *(u32 *)skb[26]"),
            new Row(new LoadPacketIndirect(U8, R7, 1), "5070000001000000", "r0 = *(u8 *)skb[r7 + 1]"),
            new Row(new LoadPacketIndirect(U16, R8, 14), "488000000e000000", "r0 = *(u16 *)skb[r8 + 14]"),
            new Row(new LoadPacketIndirect(U32, R9, 4), "4090000004000000", "r0 = *(u32 *)skb[r9 + 4]"),
            new Row(
                    new AtomicUpdate(U64, AtomicOperation.ADD, R1, (short) 0, R2),
                    "db21000000000000",
                    "lock *(u64 *)(r1 +0) += r2"),
            new Row(
                    new AtomicUpdate(U32, AtomicOperation.OR, R1, (short) 4, R2),
                    "c321040040000000",
                    "lock *(u32 *)(r1 +4) |= r2"),
            new Row(
                    new AtomicUpdate(U64, AtomicOperation.AND, R1, (short) 8, R2),
                    "db21080050000000",
                    "lock *(u64 *)(r1 +8) &= r2"),
            new Row(
                    new AtomicUpdate(U64, AtomicOperation.XOR, R1, (short) -8, R2),
                    "db21f8ffa0000000",
                    "lock *(u64 *)(r1 -8) ^= r2"),
            new Row(
                    new AtomicFetch(U64, AtomicOperation.ADD, R1, (short) 0, R2),
                    "db21000001000000",
                    "r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)"),
            new Row(
                    new AtomicFetch(U32, AtomicOperation.OR, R1, (short) 0, R2),
                    "c321000041000000",
                    "r2 = atomic_fetch_or((u32 *)(r1 +0), r2)"),
            new Row(
                    new AtomicFetch(U64, AtomicOperation.AND, R1, (short) 0, R2),
                    "db21000051000000",
                    "r2 = atomic64_fetch_and((u64 *)(r1 +0), r2)"),
            new Row(
                    new AtomicFetch(U64, AtomicOperation.XOR, R1, (short) 0, R2),
                    "db210000a1000000",
                    "r2 = atomic64_fetch_xor((u64 *)(r1 +0), r2)"),
            new Row(
                    new AtomicExchange(U64, R1, (short) 0, R2),
                    "db210000e1000000",
                    "r2 = atomic64_xchg((u64 *)(r1 +0), r2)"),
            new Row(
                    new AtomicExchange(U32, R1, (short) 0, R2),
                    "c3210000e1000000",
                    "r2 = atomic_xchg((u32 *)(r1 +0), r2)"),
            new Row(
                    new AtomicCompareExchange(U64, R1, (short) 0, R2),
                    "db210000f1000000",
                    "r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)"),
            new Row(
                    new AtomicCompareExchange(U32, R1, (short) 0, R2),
                    "c3210000f1000000",
                    "r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)"),
            new Row(new LoadAcquire(U8, R1, R2, (short) 0), "d321000000010000", "r1 = load_acquire((u8 *)(r2 +0))"),
            new Row(new LoadAcquire(U64, R1, R2, (short) 8), "db21080000010000", "r1 = load_acquire((u64 *)(r2 +8))"),
            new Row(new StoreRelease(U16, R1, (short) 2, R2), "cb21020010010000", "store_release((u16 *)(r1 +2), r2)"),
            new Row(new StoreRelease(U32, R1, (short) 4, R2), "c321040010010000", "store_release((u32 *)(r1 +4), r2)"),
            new Row(new Jump((short) -3), "0500fdff00000000", "goto pc-3"),
            new Row(new LongJump(100000), "06000000a0860100", "gotol pc+100000"),
            new Row(new MayGoto((short) 2), "e500020000000000", "may_goto pc+2"),
            new Row(new JumpIfConstant(BITS_64, EQ, R1, 0, (short) 1), "1501010000000000", "if r1 == 0x0 goto pc+1"),
            new Row(new JumpIfConstant(BITS_32, GT, R1, 5, (short) 3), "2601030005000000", "if w1 > 0x5 goto pc+3"),
            new Row(new JumpIfConstant(BITS_64, GE, R1, 16, (short) 3), "3501030010000000", "if r1 >= 0x10 goto pc+3"),
            new Row(new JumpIfConstant(BITS_64, SET, R1, 1, (short) 3), "4501030001000000", "if r1 & 0x1 goto pc+3"),
            new Row(
                    new JumpIfConstant(BITS_64, NE, R1, -1, (short) -3),
                    "5501fdffffffffff",
                    "if r1 != 0xffffffff goto pc-3"),
            new Row(
                    new JumpIfConstant(BITS_64, SIGNED_GT, R1, -1, (short) 0),
                    "65010000ffffffff",
                    "if r1 s> 0xffffffff goto pc+0"),
            new Row(
                    new JumpIfConstant(BITS_32, SIGNED_GE, R1, 0, (short) 7),
                    "7601070000000000",
                    "if w1 s>= 0x0 goto pc+7"),
            new Row(new JumpIfConstant(BITS_64, LT, R1, 64, (short) 7), "a501070040000000", "if r1 < 0x40 goto pc+7"),
            new Row(new JumpIfConstant(BITS_64, LE, R1, 64, (short) 7), "b501070040000000", "if r1 <= 0x40 goto pc+7"),
            new Row(
                    new JumpIfConstant(BITS_64, SIGNED_LT, R1, 64, (short) 7),
                    "c501070040000000",
                    "if r1 s< 0x40 goto pc+7"),
            new Row(
                    new JumpIfConstant(BITS_32, SIGNED_LE, R1, 64, (short) 32767),
                    "d601ff7f40000000",
                    "if w1 s<= 0x40 goto pc+32767"),
            new Row(new JumpIf(BITS_64, EQ, R1, R2, (short) 1), "1d21010000000000", "if r1 == r2 goto pc+1"),
            new Row(new JumpIf(BITS_32, GT, R1, R2, (short) 1), "2e21010000000000", "if w1 > w2 goto pc+1"),
            new Row(new JumpIf(BITS_64, GE, R1, R2, (short) 1), "3d21010000000000", "if r1 >= r2 goto pc+1"),
            new Row(new JumpIf(BITS_64, SET, R1, R2, (short) 1), "4d21010000000000", "if r1 & r2 goto pc+1"),
            new Row(new JumpIf(BITS_32, NE, R1, R2, (short) 1), "5e21010000000000", "if w1 != w2 goto pc+1"),
            new Row(new JumpIf(BITS_64, SIGNED_GT, R1, R2, (short) 1), "6d21010000000000", "if r1 s> r2 goto pc+1"),
            new Row(new JumpIf(BITS_64, SIGNED_GE, R1, R2, (short) 1), "7d21010000000000", "if r1 s>= r2 goto pc+1"),
            new Row(new JumpIf(BITS_64, LT, R1, R2, (short) 1), "ad21010000000000", "if r1 < r2 goto pc+1"),
            new Row(new JumpIf(BITS_32, LE, R1, R2, (short) 1), "be21010000000000", "if w1 <= w2 goto pc+1"),
            new Row(new JumpIf(BITS_64, SIGNED_LT, R1, R2, (short) 1), "cd21010000000000", "if r1 s< r2 goto pc+1"),
            new Row(new JumpIf(BITS_64, SIGNED_LE, R1, R2, (short) 1), "dd21010000000000", "if r1 s<= r2 goto pc+1"),
            new Row(new CallHelper(1), "8500000001000000", "call bpf_map_lookup_elem#1"),
            new Row(new CallHelper(211), "85000000d3000000", "call bpf_cgrp_storage_delete#211"),
            new Row(new CallHelper(4711), "8500000067120000", "call unknown#4711"),
            new Row(new CallKernelFunction(4711, (short) 1), "8520010067120000", "call kernel-function#4711"),
            new Row(new CallLocal(-8), "85100000f8ffffff", "call pc-8"),
            new Row(new Exit(), "9500000000000000", "exit"),
            new Row(new SpeculationBarrier(), "c200000000000000", "nospec"));

    private InstructionTable() {}
}
