package net.sniproxy.bpf.compiler.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The dominator tree and the depth of loops (Cooper, Harvey and Kennedy's iteration). Valid until the graph changes. */
public final class Dominators {
    private final List<Block> order;
    private final Map<Block, Integer> number = new HashMap<>();
    private final int[] immediate;
    private final int[] loopDepth;

    /** Computes the tree of {@code function}. */
    public Dominators(Function function) {
        order = function.reversePostorder();
        for (int i = 0; i < order.size(); i++) {
            number.put(order.get(i), i);
        }
        immediate = new int[order.size()];
        loopDepth = new int[order.size()];
        computeImmediate();
        computeLoops();
    }

    private void computeImmediate() {
        java.util.Arrays.fill(immediate, -1);
        immediate[0] = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 1; i < order.size(); i++) {
                int dominator = -1;
                for (Block predecessor : order.get(i).predecessors()) {
                    Integer p = number.get(predecessor);
                    if (p != null && immediate[p] >= 0) {
                        dominator = dominator < 0 ? p : intersect(p, dominator);
                    }
                }
                if (dominator != immediate[i]) {
                    immediate[i] = dominator;
                    changed = true;
                }
            }
        }
    }

    private int intersect(int left, int right) {
        int a = left;
        int b = right;
        while (a != b) {
            if (a > b) {
                a = immediate[a];
            } else {
                b = immediate[b];
            }
        }
        return a;
    }

    private void computeLoops() {
        for (Block header : order) {
            boolean[] body = new boolean[order.size()];
            for (Block predecessor : header.predecessors()) {
                if (number.containsKey(predecessor) && dominates(header, predecessor)) {
                    collect(header, predecessor, body);
                }
            }
            for (int i = 0; i < body.length; i++) {
                loopDepth[i] += body[i] ? 1 : 0;
            }
        }
    }

    private void collect(Block header, Block latch, boolean[] body) {
        body[index(header)] = true;
        List<Block> work = new ArrayList<>(List.of(latch));
        while (!work.isEmpty()) {
            Block block = work.removeLast();
            if (!body[index(block)]) {
                body[index(block)] = true;
                block.predecessors().stream().filter(number::containsKey).forEach(work::add);
            }
        }
    }

    private int index(Block block) {
        Integer index = number.get(block);
        if (index == null) {
            throw new IllegalArgumentException(block + " is not reachable");
        }
        return index;
    }

    /** The reachable blocks in reverse postorder. */
    public List<Block> order() {
        return order;
    }

    /** The block that dominates {@code block} most closely; null for the entry. */
    public @Nullable Block immediate(Block block) {
        int i = index(block);
        return i == 0 ? null : order.get(immediate[i]);
    }

    /** Whether every path to {@code block} passes through {@code dominator}. */
    public boolean dominates(Block dominator, Block block) {
        int target = index(dominator);
        int i = index(block);
        while (i > target) {
            i = immediate[i];
        }
        return i == target;
    }

    /** In how many loops {@code block} is. */
    public int loopDepth(Block block) {
        return loopDepth[index(block)];
    }
}
