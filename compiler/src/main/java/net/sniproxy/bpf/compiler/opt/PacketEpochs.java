package net.sniproxy.bpf.compiler.opt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Numbers the stretches of a function between calls that may move the packet. Within one of them a context gives the
 * same packet pointer whenever it is asked: the verifier does not know that, so the first answer must be kept.
 */
final class PacketEpochs {
    private final Map<Block, Object> atEntry = new HashMap<>();
    private final Map<Block, Object> atEnd = new HashMap<>();

    PacketEpochs(List<Block> order) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Block block : order) {
                changed |= update(block);
            }
        }
    }

    private boolean update(Block block) {
        Object entry = join(block);
        Object end = entry;
        for (Value value : block.instructions()) {
            if (movesPacket(value)) {
                end = value;
            }
        }
        boolean same = Objects.equals(atEntry.put(block, entry), entry);
        return !Objects.equals(atEnd.put(block, end), end) | !same;
    }

    /** The epoch of all predecessors; where they differ, one that begins here. */
    private Object join(Block block) {
        Object joined = null;
        for (Block predecessor : block.predecessors()) {
            Object epoch = atEnd.get(predecessor);
            if (epoch != null && joined != null && !epoch.equals(joined)) {
                return block;
            }
            joined = joined == null ? epoch : joined;
        }
        // Once a block has begun an epoch of its own it keeps it, or the iteration might not end.
        return joined == null || block.equals(atEntry.get(block)) ? block : joined;
    }

    /** The epoch when control enters {@code block}. */
    Object atEntry(Block block) {
        return Objects.requireNonNull(atEntry.get(block), "a reachable block");
    }

    /** Whether packet pointers are dead after it. */
    static boolean movesPacket(Value value) {
        return switch (value.op()) {
            case Op.CallHelper(int _, String _, boolean moves) -> moves;
            case Op.CallFunction(String _, boolean moves) -> moves;
            default -> false;
        };
    }
}
