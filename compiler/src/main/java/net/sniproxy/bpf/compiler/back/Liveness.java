package net.sniproxy.bpf.compiler.back;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which registers are still read after each block. */
final class Liveness {
    private final Map<MachineBlock, BitSet> liveIn = new HashMap<>();
    private final Map<MachineBlock, BitSet> liveOut = new HashMap<>();

    Liveness(MachineFunction function) {
        List<MachineBlock> backwards = function.blocks().reversed();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (MachineBlock block : backwards) {
                changed |= update(block);
            }
        }
    }

    private boolean update(MachineBlock block) {
        BitSet out = out(block);
        block.end().successors().forEach(successor -> out.or(in(successor)));
        BitSet live = (BitSet) out.clone();
        block.end().uses().forEach(live::set);
        for (MachineBlock.Item item : block.items().reversed()) {
            step(item.machine(), live);
        }
        if (live.equals(in(block))) {
            return false;
        }
        liveIn.put(block, live);
        return true;
    }

    /** Goes backwards over one instruction. */
    static void step(Machine machine, BitSet live) {
        machine.definitions().forEach(live::clear);
        machine.uses().forEach(live::set);
    }

    /** What is read after the last instruction of {@code block}, its end included. */
    BitSet atEnd(MachineBlock block) {
        BitSet live = (BitSet) out(block).clone();
        block.end().uses().forEach(live::set);
        return live;
    }

    private BitSet in(MachineBlock block) {
        return liveIn.computeIfAbsent(block, _ -> new BitSet());
    }

    private BitSet out(MachineBlock block) {
        return liveOut.computeIfAbsent(block, _ -> new BitSet());
    }
}
