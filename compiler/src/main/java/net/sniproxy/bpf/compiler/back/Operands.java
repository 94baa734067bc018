package net.sniproxy.bpf.compiler.back;

import java.util.HashMap;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Where values live while instructions are chosen, and the block that the instructions go to. Every value gets a virtual
 * register; leaves are made again at each use, in front of it, so that they hold no register in between.
 */
final class Operands {
    private static final Position NOWHERE = new Position("", "", "", 0);

    private final MachineFunction machine;
    private final Map<Value, Integer> registers = new HashMap<>();
    private final Map<Integer, Integer> slots = new HashMap<>();
    private MachineBlock block = new MachineBlock(-1, 0);
    private Position position = NOWHERE;

    Operands(MachineFunction machine) {
        this.machine = machine;
    }

    /** From now on instructions go to the end of this block. */
    void moveTo(MachineBlock next) {
        block = next;
    }

    /** From now on instructions come from this line. */
    void at(Position next) {
        position = next;
    }

    Position position() {
        return position;
    }

    void add(Machine instruction) {
        block.add(instruction, position);
    }

    void end(MachineBlock.End end) {
        block.end(end);
    }

    /** The register of a value that is no leaf, or of a parameter. */
    int register(Value value) {
        return registers.computeIfAbsent(value, _ -> machine.newRegister());
    }

    int slot(Value address) {
        if (address.op() instanceof Op.StackAddress(int number, int size)) {
            return slots.computeIfAbsent(number, _ -> machine.newSlot(size));
        }
        throw new IllegalStateException(address + " is no stack slot");
    }

    /** The register that holds the value; leaves are made now. */
    int use(Value value) {
        if (hasRegister(value)) {
            return register(value);
        }
        int register = machine.newRegister();
        make(register, value);
        return register;
    }

    static boolean hasRegister(Value value) {
        return !value.isLeaf() || value.op() instanceof Op.Parameter;
    }

    /** Puts the value into the register. */
    void make(int register, Value value) {
        switch (value.op()) {
            case Op.Constant(long number) ->
                add(new Machine.Constant(register, number, value.type().wide()));
            case Op.MapAddress(String map) -> add(new Machine.MapAddress(register, map));
            case Op.StackAddress _ -> add(new Machine.SlotAddress(register, slot(value)));
            // Whatever nobody assigned is never looked at, but the verifier wants the register written.
            case Op.Undefined _ -> add(new Machine.Constant(register, 0, true));
            default -> add(new Machine.Move(register, register(value), true));
        }
    }

    /** Whether the value can stand in an instruction. */
    static boolean immediate(Value value) {
        return value.isConstant() && value.constant() == (int) value.constant();
    }
}
