package net.sniproxy.bpf.compiler.opt;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Value;

/** Joins blocks that follow each other, removes empty ones, and gives each return path its own {@code return}. */
final class ControlFlow {
    private final Function function;
    /** Blocks that were appended to others. */
    private final Set<Block> gone = new HashSet<>();
    /** φs of blocks with one predecessor, and what they were. */
    private final Map<Value, Value> replacements = new HashMap<>();

    private ControlFlow(Function function) {
        this.function = function;
    }

    static boolean run(Function function) {
        function.removeUnreachable();
        boolean changed = false;
        while (new ControlFlow(function).sweep()) {
            changed = true;
        }
        return changed;
    }

    private boolean sweep() {
        boolean changed = false;
        for (Block block : function.reversePostorder()) {
            if (gone.contains(block)) {
                continue;
            }
            changed |= splitReturn(function, block) || sameTarget(block) || skipEmpty(block);
            while (merge(block)) {
                changed = true;
            }
        }
        function.substitute(replacements);
        function.removeUnreachable();
        return changed;
    }

    /** A branch whose two ways meet at once, with the same φ arguments, is no branch. */
    private static boolean sameTarget(Block block) {
        if (!(block.terminator() instanceof Terminator.Branch branch) || branch.then() != branch.otherwise()) {
            return false;
        }
        block.narrow(new Terminator.Jump(branch.then()));
        return true;
    }

    /** Appends the only successor when this block is its only predecessor. */
    private boolean merge(Block block) {
        if (!(block.terminator() instanceof Terminator.Jump(Block next))
                || next.predecessors().size() != 1
                || next == block
                || next == function.entry()) {
            return false;
        }
        next.phis().forEach(phi -> replacements.put(phi, phi.argument(0)));
        next.phis().clear();
        block.instructions().addAll(next.instructions());
        next.instructions().clear();
        block.setTerminatorOnly(next.terminator());
        for (Block successor : block.successors()) {
            successor.replacePredecessor(next, block);
        }
        gone.add(next);
        return true;
    }

    /** Leads the predecessors of an empty block straight to where it jumps. */
    private static boolean skipEmpty(Block block) {
        boolean empty = block.phis().isEmpty() && block.instructions().isEmpty();
        if (!empty || !(block.terminator() instanceof Terminator.Jump(Block target)) || target == block) {
            return false;
        }
        boolean changed = false;
        for (Block predecessor : List.copyOf(block.predecessors())) {
            if (predecessor != block && canSkip(predecessor, block, target)) {
                redirect(predecessor, block, target);
                changed = true;
            }
        }
        return changed;
    }

    /** Two edges between the same blocks are possible only where the φs do not tell them apart. */
    private static boolean canSkip(Block predecessor, Block block, Block target) {
        int existing = target.predecessors().indexOf(predecessor);
        if (existing < 0) {
            return true;
        }
        int through = target.predecessors().indexOf(block);
        return target.phis().stream().allMatch(phi -> phi.argument(existing) == phi.argument(through));
    }

    /** Moves the edge from {@code predecessor} to {@code block} on to {@code target}, which {@code block} jumps to. */
    private static void redirect(Block predecessor, Block block, Block target) {
        int through = target.predecessors().indexOf(block);
        target.predecessors().add(predecessor);
        target.phis().forEach(phi -> phi.arguments().add(phi.argument(through)));
        boolean[] done = new boolean[1];
        predecessor.setTerminatorOnly(predecessor.terminator().mapSuccessors(successor -> {
            if (successor == block && !done[0]) {
                done[0] = true;
                return target;
            }
            return successor;
        }));
        block.removePredecessor(predecessor);
    }

    /** {@code return φ(a, b)} becomes {@code return a} and {@code return b}: a constant needs no register then. */
    private static boolean splitReturn(Function function, Block block) {
        boolean only = block.instructions().isEmpty() && block.phis().size() == 1;
        if (!only
                || !(block.terminator() instanceof Terminator.Return(Optional<Value> value, var position))
                || value.isEmpty()
                || value.get() != block.phis().getFirst()) {
            return false;
        }
        Value phi = block.phis().getFirst();
        boolean changed = false;
        for (Block predecessor : List.copyOf(block.predecessors())) {
            if (predecessor.terminator() instanceof Terminator.Jump) {
                Value argument = phi.argument(block.predecessors().indexOf(predecessor));
                block.removePredecessor(predecessor);
                predecessor.setTerminatorOnly(new Terminator.Return(Optional.of(argument), position));
                changed = true;
            } else {
                Block edge = EdgeSplitter.split(function, predecessor, block);
                Value argument = phi.argument(block.predecessors().indexOf(edge));
                block.removePredecessor(edge);
                edge.setTerminatorOnly(new Terminator.Return(Optional.of(argument), position));
                changed = true;
            }
        }
        return changed;
    }
}
