package net.sniproxy.bpf.asm;

import static net.sniproxy.bpf.asm.Opcodes.*;

import java.nio.ByteOrder;
import net.sniproxy.bpf.asm.Instruction.*;

/**
 * Recognises an instruction by its fields. Whatever is recognised is encoded again and compared, so that a field that
 * has no meaning for the instruction, yet is not zero, is an error and not lost.
 */
final class SlotDecoder {
    private SlotDecoder() {}

    static Instruction instruction(Slot slot) {
        Instruction instruction = switch (slot.opcode() & CLASS_MASK) {
            case LD -> packetLoad(slot);
            case LDX -> load(slot);
            case ST -> storeConstant(slot);
            case STX -> store(slot);
            case ALU, ALU64 -> alu(slot);
            case JMP, JMP32 -> jump(slot);
            default -> throw unknown();
        };
        requireSame(SlotEncoder.firstSlot(instruction), slot);
        return instruction;
    }

    static WideLoad wideLoad(Slot first, Slot second) {
        Register destination = destination(first);
        int lower = first.immediate();
        int upper = second.immediate();
        WideLoad wide = switch (first.source()) {
            case 0 -> new LoadConstant(destination, (long) upper << 32 | Integer.toUnsignedLong(lower));
            case PSEUDO_MAP_FD -> new LoadMapDescriptor(destination, lower);
            case PSEUDO_MAP_VALUE -> new LoadMapDescriptorValue(destination, lower, upper);
            case PSEUDO_BTF_ID -> new LoadKernelVariable(destination, lower, upper);
            case PSEUDO_FUNC -> new LoadFunction(destination, lower);
            case PSEUDO_MAP_IDX -> new LoadMapIndex(destination, lower);
            case PSEUDO_MAP_IDX_VALUE -> new LoadMapIndexValue(destination, lower, upper);
            default -> throw new IllegalArgumentException("unknown kind of 64-bit load: " + first.source());
        };
        requireSame(SlotEncoder.firstSlot(wide), first);
        requireSame(SlotEncoder.secondSlot(wide), second);
        return wide;
    }

    private static Instruction packetLoad(Slot slot) {
        return switch (slot.opcode() & MODE_MASK) {
            case MODE_ABS -> new LoadPacketAbsolute(size(slot), slot.immediate());
            case MODE_IND -> new LoadPacketIndirect(size(slot), source(slot), slot.immediate());
            default -> throw unknown();
        };
    }

    private static Instruction load(Slot slot) {
        return switch (slot.opcode() & MODE_MASK) {
            case MODE_MEM -> new Load(size(slot), destination(slot), source(slot), slot.offset());
            case MODE_MEMSX -> new LoadSigned(size(slot), destination(slot), source(slot), slot.offset());
            default -> throw unknown();
        };
    }

    private static Instruction storeConstant(Slot slot) {
        return switch (slot.opcode() & MODE_MASK) {
            case MODE_MEM -> new StoreConstant(size(slot), destination(slot), slot.offset(), slot.immediate());
            case MODE_ATOMIC -> new SpeculationBarrier();
            default -> throw unknown();
        };
    }

    private static Instruction store(Slot slot) {
        return switch (slot.opcode() & MODE_MASK) {
            case MODE_MEM -> new Store(size(slot), destination(slot), slot.offset(), source(slot));
            case MODE_ATOMIC -> atomic(slot);
            default -> throw unknown();
        };
    }

    private static Instruction atomic(Slot slot) {
        Size size = size(slot);
        Register first = destination(slot);
        Register second = source(slot);
        short offset = slot.offset();
        return switch (slot.immediate()) {
            case ATOMIC_XCHG -> new AtomicExchange(size, first, offset, second);
            case ATOMIC_CMPXCHG -> new AtomicCompareExchange(size, first, offset, second);
            case ATOMIC_LOAD_ACQUIRE -> new LoadAcquire(size, first, second, offset);
            case ATOMIC_STORE_RELEASE -> new StoreRelease(size, first, offset, second);
            default -> {
                AtomicOperation operation = atomicOperation(slot.immediate() & ~ATOMIC_FETCH);
                yield (slot.immediate() & ATOMIC_FETCH) == 0
                        ? new AtomicUpdate(size, operation, first, offset, second)
                        : new AtomicFetch(size, operation, first, offset, second);
            }
        };
    }

    private static AtomicOperation atomicOperation(int code) {
        for (AtomicOperation operation : AtomicOperation.values()) {
            if (operation.code() == code) {
                return operation;
            }
        }
        throw new IllegalArgumentException("unknown atomic operation");
    }

    private static Instruction alu(Slot slot) {
        Width width = (slot.opcode() & CLASS_MASK) == ALU ? Width.BITS_32 : Width.BITS_64;
        boolean ofRegister = (slot.opcode() & REGISTER) != 0;
        return switch (slot.opcode() & OPERATION_MASK) {
            case MOV ->
                ofRegister ? moveRegister(slot, width) : new MoveConstant(width, destination(slot), slot.immediate());
            case NEG -> new Negate(width, destination(slot));
            case END -> byteOrder(slot, width, ofRegister);
            default -> {
                AluOperation operation = aluOperation(slot);
                yield ofRegister
                        ? new AluRegister(width, operation, destination(slot), source(slot))
                        : new AluConstant(width, operation, destination(slot), slot.immediate());
            }
        };
    }

    private static Instruction moveRegister(Slot slot, Width width) {
        Register destination = destination(slot);
        Register source = source(slot);
        return switch (slot.offset()) {
            case 0 ->
                width == Width.BITS_32 && slot.immediate() == MOV_ZERO_EXTEND
                        ? new ZeroExtend(destination)
                        : new Move(width, destination, source);
            case MOV_ADDRESS_SPACE ->
                new CastAddressSpace(destination, source, slot.immediate() >>> 16, slot.immediate() & 0xffff);
            case MOV_PER_CPU -> new MovePerCpuAddress(destination, source);
            case 8, 16, 32 -> new MoveSigned(width, Size.ofBytes(slot.offset() / 8), destination, source);
            default -> throw new IllegalArgumentException("unknown kind of move: offset " + slot.offset());
        };
    }

    private static Instruction byteOrder(Slot slot, Width width, boolean big) {
        Size size = switch (slot.immediate()) {
            case 16 -> Size.U16;
            case 32 -> Size.U32;
            case 64 -> Size.U64;
            default -> throw new IllegalArgumentException("no byte order for " + slot.immediate() + " bits");
        };
        if (width == Width.BITS_64) {
            return new ByteSwap(size, destination(slot));
        }
        return new ToByteOrder(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, size, destination(slot));
    }

    private static AluOperation aluOperation(Slot slot) {
        for (AluOperation operation : AluOperation.values()) {
            if (operation.code() == (slot.opcode() & OPERATION_MASK) && operation.offset() == slot.offset()) {
                return operation;
            }
        }
        throw unknown();
    }

    private static Instruction jump(Slot slot) {
        boolean narrow = (slot.opcode() & CLASS_MASK) == JMP32;
        return switch (slot.opcode() & OPERATION_MASK) {
            case JA -> narrow ? new LongJump(slot.immediate()) : new Jump(slot.offset());
            case CALL -> call(slot);
            case EXIT -> new Exit();
            case JCOND -> new MayGoto(slot.offset());
            default -> conditionalJump(slot, narrow ? Width.BITS_32 : Width.BITS_64);
        };
    }

    private static Instruction call(Slot slot) {
        return switch (slot.source()) {
            case 0 -> new CallHelper(slot.immediate());
            case PSEUDO_CALL -> new CallLocal(slot.immediate());
            case PSEUDO_KFUNC_CALL -> new CallKernelFunction(slot.immediate(), slot.offset());
            default -> throw new IllegalArgumentException("unknown kind of call: " + slot.source());
        };
    }

    private static Instruction conditionalJump(Slot slot, Width width) {
        Condition condition = condition(slot.opcode() & OPERATION_MASK);
        Register left = destination(slot);
        return (slot.opcode() & REGISTER) != 0
                ? new JumpIf(width, condition, left, source(slot), slot.offset())
                : new JumpIfConstant(width, condition, left, slot.immediate(), slot.offset());
    }

    private static Condition condition(int code) {
        for (Condition condition : Condition.values()) {
            if (condition.code() == code) {
                return condition;
            }
        }
        throw unknown();
    }

    private static Register destination(Slot slot) {
        return Register.of(slot.destination());
    }

    private static Register source(Slot slot) {
        return Register.of(slot.source());
    }

    private static Size size(Slot slot) {
        return Size.ofCode(slot.opcode());
    }

    private static void requireSame(Slot encoded, Slot given) {
        if (!encoded.equals(given)) {
            throw new IllegalArgumentException(
                    "a field that this instruction does not use is not zero: " + given + " instead of " + encoded);
        }
    }

    private static IllegalArgumentException unknown() {
        return new IllegalArgumentException("unknown instruction");
    }
}
