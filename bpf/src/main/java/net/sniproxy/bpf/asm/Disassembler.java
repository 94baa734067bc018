package net.sniproxy.bpf.asm;

import java.nio.ByteOrder;
import java.util.List;
import net.sniproxy.bpf.asm.Instruction.*;

/**
 * Writes instructions in the kernel's own notation, as in the verifier's log and in {@code bpftool prog dump xlated},
 * without the opcode in front. Symbolic instructions are written with their names.
 */
public final class Disassembler {
    private Disassembler() {}

    /** One line per instruction with its slot in front: {@code 3: r0 = 1}. */
    public static String listing(List<? extends Instruction> instructions) {
        StringBuilder listing = new StringBuilder();
        int slot = 0;
        for (Instruction instruction : instructions) {
            listing.append(slot).append(": ").append(text(instruction)).append('\n');
            slot += instruction.slots();
        }
        return listing.toString();
    }

    /** The instruction without line end. */
    public static String text(Instruction instruction) {
        return switch (instruction) {
            case WideLoad wide -> wide.destination() + " = " + wideValue(wide);
            case AluConstant(var width, var op, var destination, var constant) ->
                width.name(destination) + " " + op.symbol() + " " + constant;
            case AluRegister(var width, var op, var destination, var source) ->
                width.name(destination) + " " + op.symbol() + " " + width.name(source);
            case MoveConstant(var width, var destination, var constant) -> width.name(destination) + " = " + constant;
            case Move(var width, var destination, var source) -> width.name(destination) + " = " + width.name(source);
            case MoveSigned(var width, var from, var destination, var source) ->
                width.name(destination) + " = (s" + from.bits() + ")" + width.name(source);
            case Negate(var width, var register) -> width.name(register) + " = -" + width.name(register);
            case ToByteOrder(var order, var size, var register) ->
                register + " = " + (order == ByteOrder.BIG_ENDIAN ? "be" : "le") + size.bits() + " " + register;
            case ByteSwap(var size, var register) -> register + " = bswap" + size.bits() + " " + register;
            case CastAddressSpace(var destination, var source, var to, var from) ->
                destination + " = addr_space_cast(" + source + ", " + to + ", " + from + ")";
            case MovePerCpuAddress(var destination, var source) ->
                destination + " = &(void __percpu *)(" + source + ")";
            case ZeroExtend(var register) -> Width.BITS_32.name(register) + " = " + Width.BITS_32.name(register);
            case Load(var size, var destination, var base, var offset) ->
                destination + " = *" + memory(unsigned(size), base, offset);
            case LoadSigned(var size, var destination, var base, var offset) ->
                destination + " = *" + memory("s" + size.bits(), base, offset);
            case Store(var size, var base, var offset, var source) ->
                "*" + memory(unsigned(size), base, offset) + " = " + source;
            case StoreConstant(var size, var base, var offset, var constant) ->
                "*" + memory(unsigned(size), base, offset) + " = " + constant;
            case LoadPacketAbsolute(var size, var offset) -> "r0 = *(" + unsigned(size) + " *)skb[" + offset + "]";
            case LoadPacketIndirect(var size, var index, var offset) ->
                "r0 = *(" + unsigned(size) + " *)skb[" + index + " + " + offset + "]";
            case AtomicUpdate(var size, var op, var base, var offset, var source) ->
                "lock *" + memory(unsigned(size), base, offset) + " " + op.symbol() + " " + source;
            case AtomicFetch(var size, var op, var base, var offset, var source) ->
                source + " = " + atomic(size) + "_fetch_" + op.verb() + "(" + memory(unsigned(size), base, offset)
                        + ", " + source + ")";
            case AtomicExchange(var size, var base, var offset, var source) ->
                source + " = " + atomic(size) + "_xchg(" + memory(unsigned(size), base, offset) + ", " + source + ")";
            case AtomicCompareExchange(var size, var base, var offset, var source) ->
                "r0 = " + atomic(size) + "_cmpxchg(" + memory(unsigned(size), base, offset) + ", r0, " + source + ")";
            case LoadAcquire(var size, var destination, var base, var offset) ->
                destination + " = load_acquire(" + memory(unsigned(size), base, offset) + ")";
            case StoreRelease(var size, var base, var offset, var source) ->
                "store_release(" + memory(unsigned(size), base, offset) + ", " + source + ")";
            case Jump(var offset) -> "goto pc" + signed(offset);
            case LongJump(var offset) -> "gotol pc" + signed(offset);
            case MayGoto(var offset) -> "may_goto pc" + signed(offset);
            case JumpIfConstant(var width, var condition, var left, var right, var offset) ->
                "if " + width.name(left) + " " + condition.symbol() + " 0x" + Integer.toHexString(right) + " goto pc"
                        + signed(offset);
            case JumpIf(var width, var condition, var left, var right, var offset) ->
                "if " + width.name(left) + " " + condition.symbol() + " " + width.name(right) + " goto pc"
                        + signed(offset);
            case CallHelper(var helper) ->
                "call " + Helper.of(helper).map(Helper::functionName).orElse("unknown") + "#" + helper;
            case CallKernelFunction(var btfId, var _) -> "call kernel-function#" + btfId;
            case CallLocal(var offset) -> "call pc" + signed(offset);
            case CallFunction(var functionName) -> "call " + functionName;
            case Exit() -> "exit";
            case SpeculationBarrier() -> "nospec";
        };
    }

    private static String wideValue(WideLoad wide) {
        return switch (wide) {
            case LoadConstant(var _, var constant) -> "0x" + Long.toHexString(constant);
            case LoadMap(var _, var name) -> "map[" + name + "]";
            case LoadMapValue(var _, var name, var offset) -> "map[" + name + "][0]" + signed(offset);
            case LoadMapDescriptor(var _, var descriptor) -> "map[fd:" + descriptor + "]";
            case LoadMapDescriptorValue(var _, var descriptor, var offset) ->
                "map[fd:" + descriptor + "][0]" + signed(offset);
            case LoadMapIndex(var _, var index) -> "map[idx:" + index + "]";
            case LoadMapIndexValue(var _, var index, var offset) -> "map[idx:" + index + "]" + signed(offset);
            case LoadKernelVariable(var _, var btfId, var _) -> "btf[" + btfId + "]";
            case LoadFunction(var _, var offset) -> "subprog[" + signed(offset) + "]";
            case LoadNamedFunction(var _, var name) -> "subprog[" + name + "]";
        };
    }

    private static String memory(String type, Register base, short offset) {
        return "(" + type + " *)(" + base + " " + signed(offset) + ")";
    }

    private static String unsigned(Size size) {
        return "u" + size.bits();
    }

    private static String atomic(Size size) {
        return size == Size.U64 ? "atomic64" : "atomic";
    }

    private static String signed(int offset) {
        return offset < 0 ? Integer.toString(offset) : "+" + offset;
    }
}
