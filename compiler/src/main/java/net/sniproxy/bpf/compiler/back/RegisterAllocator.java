package net.sniproxy.bpf.compiler.back;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Maps virtual registers to r0 to r9 by colouring their interference graph (Chaitin, Briggs; coalescing as in George and
 * Appel). What gets no register lives in a stack slot of eight bytes, aligned: the verifier follows pointers there.
 */
final class RegisterAllocator {
    private static final int COLOURS = 10;

    private final MachineFunction function;
    private final Set<Integer> unspillable = new HashSet<>();

    private RegisterAllocator(MachineFunction function) {
        this.function = function;
    }

    /** Rewrites the function to eBPF's registers. */
    static void run(MachineFunction function) {
        new RegisterAllocator(function).allocate();
    }

    private void allocate() {
        while (true) {
            InterferenceGraph graph = new InterferenceGraph(function);
            Colouring colouring = new Colouring(graph, unspillable);
            Set<Integer> spilled = colouring.colour();
            if (spilled.isEmpty()) {
                apply(colouring);
                return;
            }
            new Spiller(function, unspillable).spill(spilled);
        }
    }

    private void apply(Colouring colouring) {
        for (MachineBlock block : function.blocks()) {
            List<MachineBlock.Item> items = List.copyOf(block.items());
            block.items().clear();
            for (MachineBlock.Item item : items) {
                Machine mapped = item.machine().map(colouring::colour);
                boolean useless = mapped instanceof Machine.Move(int destination, int source, boolean wide)
                        && wide
                        && destination == source;
                if (!useless) {
                    block.add(mapped, item.position());
                }
            }
            block.end(block.end().map(colouring::colour));
        }
    }

    /** Chooses the colours of one graph. */
    static final class Colouring {
        private final InterferenceGraph graph;
        private final Set<Integer> unspillable;
        private final Deque<Integer> stack = new ArrayDeque<>();
        private final int[] colour;

        Colouring(InterferenceGraph graph, Set<Integer> unspillable) {
            this.graph = graph;
            this.unspillable = unspillable;
            this.colour = new int[graph.size()];
        }

        /** Colours the graph; the result is what must be spilled first. */
        Set<Integer> colour() {
            while (step()) {}
            return assign();
        }

        int colour(int register) {
            return register < Machine.FIRST_VIRTUAL ? register : colour[graph.representative(register)];
        }

        /** Takes one node or one move off the graph; false when it is empty. */
        private boolean step() {
            int easy = graph.find(node -> graph.degree(node) < COLOURS && !graph.hasMoves(node));
            if (easy >= 0) {
                push(easy);
                return true;
            }
            if (graph.coalesceOne(COLOURS)) {
                return true;
            }
            int frozen = graph.find(node -> graph.degree(node) < COLOURS);
            if (frozen >= 0) {
                graph.freeze(frozen);
                return true;
            }
            int candidate = cheapest();
            if (candidate < 0) {
                return false;
            }
            graph.freeze(candidate);
            push(candidate);
            return true;
        }

        private void push(int node) {
            stack.push(node);
            graph.remove(node, COLOURS);
        }

        private int cheapest() {
            int best = -1;
            double bestCost = Double.MAX_VALUE;
            for (int node = graph.find(_ -> true); node >= 0; node = graph.next(node)) {
                double cost =
                        unspillable.contains(node) ? Double.MAX_VALUE / 2 : graph.cost(node) / (graph.degree(node) + 1);
                if (cost < bestCost) {
                    best = node;
                    bestCost = cost;
                }
            }
            return best;
        }

        private Set<Integer> assign() {
            Set<Integer> spilled = new HashSet<>();
            for (int i = 0; i < COLOURS; i++) {
                colour[i] = i;
            }
            BitSet coloured = new BitSet();
            coloured.set(0, COLOURS);
            while (!stack.isEmpty()) {
                int node = stack.pop();
                BitSet taken = taken(node, coloured);
                int free = preferred(node, taken, coloured);
                if (free < COLOURS) {
                    colour[node] = free;
                    coloured.set(node);
                } else {
                    spilled.addAll(graph.members(node));
                }
            }
            return spilled;
        }

        /** The colours of the neighbours. */
        private BitSet taken(int node, BitSet coloured) {
            BitSet taken = new BitSet();
            BitSet neighbours = graph.neighbours(node);
            for (int i = neighbours.nextSetBit(0); i >= 0; i = neighbours.nextSetBit(i + 1)) {
                int neighbour = graph.representative(i);
                if (coloured.get(neighbour)) {
                    taken.set(colour[neighbour]);
                }
            }
            return taken;
        }

        /** The register of a move's other end, if it is free: the move vanishes then. */
        private int preferred(int node, BitSet taken, BitSet coloured) {
            for (int partner : graph.partners(node)) {
                if (coloured.get(partner) && !taken.get(colour[partner])) {
                    return colour[partner];
                }
            }
            return taken.nextClearBit(0);
        }
    }
}
