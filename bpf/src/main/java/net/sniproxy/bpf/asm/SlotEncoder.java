package net.sniproxy.bpf.asm;

import static net.sniproxy.bpf.asm.Opcodes.*;

import java.nio.ByteOrder;
import net.sniproxy.bpf.asm.Instruction.*;

/** Gives each instruction its fields. */
final class SlotEncoder {
    private static final Register NONE = Register.R0;

    private SlotEncoder() {}

    static Slot firstSlot(Instruction instruction) {
        return switch (instruction) {
            case Symbolic symbolic ->
                throw new BpfAssemblyException(Disassembler.text(instruction) + " has no encoding before "
                        + symbolic.symbol() + " is resolved");
            case WideLoad wide -> wideLoad(wide);
            case AluConstant(var width, var op, var destination, var constant) ->
                Slot.of(aluClass(width) | op.code(), destination, 0, op.offset(), constant);
            case AluRegister(var width, var op, var destination, var source) ->
                Slot.of(aluClass(width) | op.code() | REGISTER, destination, source.number(), op.offset(), 0);
            case MoveConstant(var width, var destination, var constant) ->
                Slot.of(aluClass(width) | MOV, destination, 0, 0, constant);
            case Move(var width, var destination, var source) ->
                Slot.of(aluClass(width) | MOV | REGISTER, destination, source.number(), 0, 0);
            case MoveSigned(var width, var from, var destination, var source) ->
                Slot.of(aluClass(width) | MOV | REGISTER, destination, source.number(), from.bits(), 0);
            case Negate(var width, var register) -> Slot.of(aluClass(width) | NEG, register, 0, 0, 0);
            case ToByteOrder(var order, var size, var register) ->
                Slot.of(ALU | END | (order == ByteOrder.BIG_ENDIAN ? REGISTER : 0), register, 0, 0, size.bits());
            case ByteSwap(var size, var register) -> Slot.of(ALU64 | END, register, 0, 0, size.bits());
            case CastAddressSpace(var destination, var source, var to, var from) ->
                Slot.of(ALU64 | MOV | REGISTER, destination, source.number(), MOV_ADDRESS_SPACE, to << 16 | from);
            case MovePerCpuAddress(var destination, var source) ->
                Slot.of(ALU64 | MOV | REGISTER, destination, source.number(), MOV_PER_CPU, 0);
            case ZeroExtend(var register) ->
                Slot.of(ALU | MOV | REGISTER, register, register.number(), 0, MOV_ZERO_EXTEND);
            case Load(var size, var destination, var base, var offset) ->
                Slot.of(LDX | MODE_MEM | size.code(), destination, base.number(), offset, 0);
            case LoadSigned(var size, var destination, var base, var offset) ->
                Slot.of(LDX | MODE_MEMSX | size.code(), destination, base.number(), offset, 0);
            case Store(var size, var base, var offset, var source) ->
                Slot.of(STX | MODE_MEM | size.code(), base, source.number(), offset, 0);
            case StoreConstant(var size, var base, var offset, var constant) ->
                Slot.of(ST | MODE_MEM | size.code(), base, 0, offset, constant);
            case LoadPacketAbsolute(var size, var offset) -> Slot.of(LD | MODE_ABS | size.code(), NONE, 0, 0, offset);
            case LoadPacketIndirect(var size, var index, var offset) ->
                Slot.of(LD | MODE_IND | size.code(), NONE, index.number(), 0, offset);
            case AtomicUpdate(var size, var op, var base, var offset, var source) ->
                atomic(size, base, source, offset, op.code());
            case AtomicFetch(var size, var op, var base, var offset, var source) ->
                atomic(size, base, source, offset, op.code() | ATOMIC_FETCH);
            case AtomicExchange(var size, var base, var offset, var source) ->
                atomic(size, base, source, offset, ATOMIC_XCHG);
            case AtomicCompareExchange(var size, var base, var offset, var source) ->
                atomic(size, base, source, offset, ATOMIC_CMPXCHG);
            case LoadAcquire(var size, var destination, var base, var offset) ->
                atomic(size, destination, base, offset, ATOMIC_LOAD_ACQUIRE);
            case StoreRelease(var size, var base, var offset, var source) ->
                atomic(size, base, source, offset, ATOMIC_STORE_RELEASE);
            case Jump(var offset) -> Slot.of(JMP | JA, NONE, 0, offset, 0);
            case LongJump(var offset) -> Slot.of(JMP32 | JA, NONE, 0, 0, offset);
            case MayGoto(var offset) -> Slot.of(JMP | JCOND, NONE, 0, offset, 0);
            case JumpIfConstant(var width, var condition, var left, var right, var offset) ->
                Slot.of(jumpClass(width) | condition.code(), left, 0, offset, right);
            case JumpIf(var width, var condition, var left, var right, var offset) ->
                Slot.of(jumpClass(width) | condition.code() | REGISTER, left, right.number(), offset, 0);
            case CallHelper(var helper) -> Slot.of(JMP | CALL, NONE, 0, 0, helper);
            case CallKernelFunction(var btfId, var module) ->
                Slot.of(JMP | CALL, NONE, PSEUDO_KFUNC_CALL, module, btfId);
            case CallLocal(var offset) -> Slot.of(JMP | CALL, NONE, PSEUDO_CALL, 0, offset);
            case Exit() -> Slot.of(JMP | EXIT, NONE, 0, 0, 0);
            case SpeculationBarrier() -> Slot.of(ST | MODE_ATOMIC, NONE, 0, 0, 0);
        };
    }

    private static Slot wideLoad(WideLoad wide) {
        return switch (wide) {
            case LoadConstant(var destination, var constant) -> wide(destination, 0, (int) constant);
            case LoadMapDescriptor(var destination, var descriptor) -> wide(destination, PSEUDO_MAP_FD, descriptor);
            case LoadMapDescriptorValue(var destination, var descriptor, var _) ->
                wide(destination, PSEUDO_MAP_VALUE, descriptor);
            case LoadMapIndex(var destination, var index) -> wide(destination, PSEUDO_MAP_IDX, index);
            case LoadMapIndexValue(var destination, var index, var _) -> wide(destination, PSEUDO_MAP_IDX_VALUE, index);
            case LoadKernelVariable(var destination, var btfId, var _) -> wide(destination, PSEUDO_BTF_ID, btfId);
            case LoadFunction(var destination, var offset) -> wide(destination, PSEUDO_FUNC, offset);
            case LoadMap _, LoadMapValue _, LoadNamedFunction _ -> throw new IllegalStateException("symbolic: " + wide);
        };
    }

    /** The second slot of a wide load carries only an immediate. */
    static Slot secondSlot(WideLoad wide) {
        int upper = switch (wide) {
            case LoadConstant(var _, var constant) -> (int) (constant >>> 32);
            case LoadMapDescriptorValue(var _, var _, var valueOffset) -> valueOffset;
            case LoadMapIndexValue(var _, var _, var valueOffset) -> valueOffset;
            case LoadKernelVariable(var _, var _, var btfDescriptor) -> btfDescriptor;
            case LoadMapDescriptor _, LoadMapIndex _, LoadFunction _ -> 0;
            case LoadMap _, LoadMapValue _, LoadNamedFunction _ -> throw new IllegalStateException("symbolic: " + wide);
        };
        return Slot.of(0, NONE, 0, 0, upper);
    }

    private static Slot wide(Register destination, int pseudo, int lower) {
        return Slot.of(LD_IMM64, destination, pseudo, 0, lower);
    }

    private static Slot atomic(Size size, Register destination, Register source, short offset, int operation) {
        return Slot.of(STX | MODE_ATOMIC | size.code(), destination, source.number(), offset, operation);
    }

    private static int aluClass(Width width) {
        return width == Width.BITS_32 ? ALU : ALU64;
    }

    private static int jumpClass(Width width) {
        return width == Width.BITS_32 ? JMP32 : JMP;
    }
}
