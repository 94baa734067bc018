package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Leads a predecessor straight to where a branch on a φ must go from there: {@code if (a && b)} arrives as a φ of 0 and
 * 1, and a method that returns {@code null} as a φ of {@code null} and an address.
 */
final class JumpThreading {
    private JumpThreading() {}

    static boolean run(Function function) {
        boolean changed = false;
        for (Block block : function.reversePostorder()) {
            while (threadOne(function, block)) {
                // The φs and edges have changed: look at the rest with fresh eyes.
                changed = true;
                function.removeUnreachable();
            }
        }
        return changed;
    }

    private static boolean threadOne(Function function, Block block) {
        return block.instructions().isEmpty()
                && !block.phis().isEmpty()
                && block.terminator() instanceof Terminator.Branch branch
                && branch.then() != block
                && branch.otherwise() != block
                && threadOne(function, block, branch);
    }

    private static boolean threadOne(Function function, Block block, Terminator.Branch branch) {
        for (Block predecessor : List.copyOf(block.predecessors())) {
            int index = block.predecessors().indexOf(predecessor);
            Value left = incoming(block, branch.left(), index);
            Value right = incoming(block, branch.right(), index);
            boolean fromPhi = left != branch.left() || right != branch.right();
            if (fromPhi
                    && Comparison.simplify(function, new Ranges(), branch.condition(), left, right)
                            instanceof Comparison.Known(boolean holds)) {
                thread(function, block, predecessor, index, holds ? branch.then() : branch.otherwise());
                return true;
            }
        }
        return false;
    }

    private static Value incoming(Block block, Value value, int index) {
        return block.phis().contains(value) ? value.argument(index) : value;
    }

    private static void thread(Function function, Block block, Block predecessor, int index, Block target) {
        List<Value> phis = new ArrayList<>(block.phis());
        List<Value> incoming = phis.stream().map(phi -> phi.argument(index)).toList();
        Block edge = EdgeSplitter.split(function, predecessor, block);
        int through = target.predecessors().indexOf(block);
        block.removePredecessor(edge);
        edge.setTerminatorOnly(new Terminator.Jump(target));
        target.predecessors().add(edge);
        for (Value phi : target.phis()) {
            Value argument = phi.argument(through);
            int which = phis.indexOf(argument);
            phi.arguments().add(which < 0 ? argument : incoming.get(which));
        }
        List<Block> order = function.reversePostorder();
        for (int i = 0; i < phis.size(); i++) {
            SsaUpdater updater = new SsaUpdater(function, phis.get(i).type());
            updater.define(block, phis.get(i));
            updater.define(edge, incoming.get(i));
            for (Block user : order) {
                rename(updater, user, block, phis.get(i));
            }
        }
    }

    /** The φ no longer dominates its uses: reads what joins it with the value that comes over the new edge. */
    private static void rename(SsaUpdater updater, Block user, Block block, Value phi) {
        // The block's own φs too: along a back edge they read what the loop made of the value. Those that the updater
        // adds at the end of the list are right already.
        int known = user.phis().size();
        for (int i = 0; i < known; i++) {
            renameInPhi(updater, user, user.phis().get(i), phi);
        }
        if (user == block) {
            return;
        }
        for (Value instruction : user.instructions()) {
            if (instruction.arguments().contains(phi)) {
                Value value = updater.valueAtEntry(user);
                instruction.mapArguments(argument -> argument == phi ? value : argument);
            }
        }
        if (user.terminator().uses().contains(phi)) {
            Value value = updater.valueAtEntry(user);
            user.setTerminatorOnly(user.terminator().mapValues(v -> v == phi ? value : v));
        }
    }

    private static void renameInPhi(SsaUpdater updater, Block user, Value other, Value phi) {
        for (int i = 0; i < other.arguments().size(); i++) {
            if (other.argument(i) == phi) {
                other.arguments().set(i, updater.valueAtEnd(user.predecessors().get(i)));
            }
        }
    }
}
