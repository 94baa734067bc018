package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Terminator;

/** Puts a block into an edge. */
public final class EdgeSplitter {
    private EdgeSplitter() {}

    /** Splits every edge from a block with several successors to a block with several predecessors and φs. */
    public static void splitCritical(Function function) {
        for (Block block : function.reversePostorder()) {
            if (block.successors().size() > 1) {
                for (Block successor : block.successors()) {
                    if (successor.predecessors().size() > 1 && !successor.phis().isEmpty()) {
                        split(function, block, successor);
                    }
                }
            }
        }
    }

    /** Puts a new block between the two: into one edge if there are several. The φs of {@code to} stay as they are. */
    static Block split(Function function, Block from, Block to) {
        Block edge = function.newBlock();
        edge.setTerminatorOnly(new Terminator.Jump(to));
        edge.predecessors().add(from);
        boolean[] done = new boolean[1];
        from.setTerminatorOnly(from.terminator().mapSuccessors(successor -> {
            if (successor == to && !done[0]) {
                done[0] = true;
                return edge;
            }
            return successor;
        }));
        to.replacePredecessor(from, edge);
        return edge;
    }
}
