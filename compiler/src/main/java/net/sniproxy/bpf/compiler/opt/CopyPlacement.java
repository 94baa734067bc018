package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Moves loads down to the store that is their only use. A constructor gets all its arguments before it sets the first field:
 * without this a record of ten fields that is made from another one needs ten registers at once.
 */
final class CopyPlacement {
    private final StackPointers pointers;
    private final Map<Value, List<Value>> users;
    private final int[] uses;
    /** Loads that have not been placed yet, in the order of the code. */
    private final List<Value> waiting = new ArrayList<>();

    private CopyPlacement(Function function) {
        this.pointers = StackPointers.of(function);
        this.users = function.users();
        this.uses = function.useCounts();
    }

    /** Works on each block by itself. */
    static void run(Function function) {
        CopyPlacement placement = new CopyPlacement(function);
        function.reversePostorder().forEach(placement::place);
    }

    private void place(Block block) {
        List<Value> placed = new ArrayList<>();
        for (Value instruction : block.instructions()) {
            placeBefore(instruction, placed);
            if (isCopied(instruction, block)) {
                waiting.add(instruction);
            } else {
                placed.add(instruction);
            }
        }
        block.instructions().clear();
        block.instructions().addAll(placed);
    }

    private void placeBefore(Value instruction, List<Value> placed) {
        for (Iterator<Value> loads = waiting.iterator(); loads.hasNext(); ) {
            Value load = loads.next();
            if (instruction.arguments().contains(load) || mayChange(instruction, load)) {
                placed.add(load);
                loads.remove();
            }
        }
    }

    /** A load whose only use is to be stored, further down in the same block. */
    private boolean isCopied(Value value, Block block) {
        if (!(value.op() instanceof Op.Load) || uses[value.id()] != 1) {
            return false;
        }
        List<Value> user = users.getOrDefault(value, List.of());
        return user.size() == 1
                && user.getFirst().op() instanceof Op.Store
                && user.getFirst().argument(1) == value
                && block.instructions().contains(user.getFirst());
    }

    private boolean mayChange(Value instruction, Value load) {
        return switch (instruction.op()) {
            case Op.Store _, Op.Clear _ ->
                !areDifferentObjects(instruction.argument(0), load.argument(0))
                        && Memory.mayChange(instruction, load.op(), load.argument(0));
            default -> instruction.op().writesMemory();
        };
    }

    private boolean areDifferentObjects(Value left, Value right) {
        BitSet first = pointers.targets(left);
        BitSet second = pointers.targets(right);
        return !first.isEmpty() && !second.isEmpty() && !first.intersects(second);
    }
}
