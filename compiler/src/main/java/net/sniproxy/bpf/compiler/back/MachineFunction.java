package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.List;

/** A function of machine instructions: blocks in the order of the graph, and a stack frame. */
final class MachineFunction {
    private final String name;
    private final List<MachineBlock> blocks = new ArrayList<>();
    private final List<Integer> slotSizes = new ArrayList<>();
    private int nextRegister = Machine.FIRST_VIRTUAL;

    MachineFunction(String name) {
        this.name = name;
    }

    List<MachineBlock> blocks() {
        return blocks;
    }

    int newRegister() {
        return nextRegister++;
    }

    /** All register numbers are below this. */
    int registerBound() {
        return nextRegister;
    }

    /** A new place on the stack; the size is a multiple of 8. */
    int newSlot(int size) {
        slotSizes.add(size);
        return slotSizes.size() - 1;
    }

    List<Integer> slotSizes() {
        return slotSizes;
    }

    /** The instructions as text. */
    String dump() {
        StringBuilder out = new StringBuilder("function " + name + "\n");
        for (MachineBlock block : blocks) {
            out.append(block).append(":\n");
            for (MachineBlock.Item item : block.items()) {
                out.append("    ").append(MachinePrinter.print(item.machine())).append('\n');
            }
            out.append("    ").append(MachinePrinter.print(block.end())).append('\n');
        }
        return out.toString();
    }
}
