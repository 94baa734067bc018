package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** Which registers are alive at the same time, and which ones are copied to each other. */
final class InterferenceGraph {
    private final int size;
    private final BitSet[] adjacent;
    private final double[] cost;
    private final int[] alias;
    private final BitSet active = new BitSet();
    private final int[] degree;
    private final List<Move> moves = new ArrayList<>();
    /** The moves, by index, that have neither been coalesced nor given up. */
    private final BitSet openMoves = new BitSet();
    /** The open moves around which something has changed since they were last found unsafe. */
    private final BitSet worthTrying = new BitSet();
    /** For each node the moves that it takes part in. */
    private final BitSet[] movesOf;

    private record Move(int a, int b, double weight) {}

    InterferenceGraph(MachineFunction function) {
        size = function.registerBound();
        adjacent = new BitSet[size];
        cost = new double[size];
        alias = new int[size];
        degree = new int[size];
        movesOf = new BitSet[size];
        for (int i = 0; i < size; i++) {
            adjacent[i] = new BitSet();
            movesOf[i] = new BitSet();
            alias[i] = i;
        }
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                adjacent[i].set(j, i != j);
            }
        }
        Liveness liveness = new Liveness(function);
        function.blocks().forEach(block -> build(block, liveness));
        moves.sort((left, right) -> Double.compare(right.weight, left.weight));
        openMoves.set(0, moves.size());
        worthTrying.set(0, moves.size());
        for (int i = 0; i < moves.size(); i++) {
            movesOf[moves.get(i).a].set(i);
            movesOf[moves.get(i).b].set(i);
        }
        for (int node = 0; node < size; node++) {
            degree[node] = countedNeighbours(node);
        }
    }

    private void build(MachineBlock block, Liveness liveness) {
        double weight = Math.pow(10, Math.min(block.loopDepth(), 6));
        BitSet live = liveness.atEnd(block);
        block.end().uses().forEach(register -> note(register, weight));
        for (MachineBlock.Item item : block.items().reversed()) {
            Machine machine = item.machine();
            int source = -1;
            if (machine instanceof Machine.Move(int to, int from, boolean wide) && wide) {
                source = from;
                moves.add(new Move(to, from, weight));
            }
            for (int definition : machine.definitions()) {
                note(definition, weight);
                for (int other = live.nextSetBit(0); other >= 0; other = live.nextSetBit(other + 1)) {
                    if (other != definition && other != source) {
                        connect(definition, other);
                    }
                }
                // Two results of one instruction must not share a register, even if nobody reads them.
                machine.definitions().stream()
                        .filter(other -> other != definition)
                        .forEach(o -> connect(definition, o));
            }
            machine.uses().forEach(register -> note(register, weight));
            Liveness.step(machine, live);
        }
    }

    private int countedNeighbours(int node) {
        int count = 0;
        BitSet neighbours = adjacent[node];
        for (int other = neighbours.nextSetBit(0); other >= 0; other = neighbours.nextSetBit(other + 1)) {
            count += counts(other) ? 1 : 0;
        }
        return count;
    }

    private void note(int register, double weight) {
        cost[register] += weight;
        if (register >= Machine.FIRST_VIRTUAL) {
            active.set(register);
        }
    }

    private void connect(int a, int b) {
        adjacent[a].set(b);
        adjacent[b].set(a);
    }

    int size() {
        return size;
    }

    /** The register that stands for {@code register} after coalescing. */
    int representative(int register) {
        int node = register;
        while (alias[node] != node) {
            node = alias[node];
        }
        return node;
    }

    /** The registers that {@code node} stands for. */
    List<Integer> members(int node) {
        List<Integer> members = new ArrayList<>();
        for (int i = Machine.FIRST_VIRTUAL; i < size; i++) {
            if (representative(i) == node) {
                members.add(i);
            }
        }
        return members;
    }

    double cost(int node) {
        return cost[node];
    }

    /** All neighbours, also those that have been removed. */
    BitSet neighbours(int node) {
        return adjacent[node];
    }

    private boolean counts(int node) {
        return node < Machine.FIRST_VIRTUAL || active.get(node);
    }

    /** How many neighbours are still in the graph. */
    int degree(int node) {
        return degree[node];
    }

    /** The first node in the graph that passes the test, or -1. */
    int find(IntPredicate test) {
        for (int node = active.nextSetBit(0); node >= 0; node = active.nextSetBit(node + 1)) {
            if (test.test(node)) {
                return node;
            }
        }
        return -1;
    }

    /** The node after {@code node}, or -1. */
    int next(int node) {
        return active.nextSetBit(node + 1);
    }

    boolean hasMoves(int node) {
        return movesOf[node].intersects(openMoves);
    }

    /** Gives up the moves of a node. */
    void freeze(int node) {
        openMoves.andNot(movesOf[node]);
    }

    void remove(int node, int colours) {
        active.clear(node);
        BitSet neighbours = adjacent[node];
        for (int other = neighbours.nextSetBit(0); other >= 0; other = neighbours.nextSetBit(other + 1)) {
            if (degree[node] >= colours) {
                worthTrying.or(movesOf[other]);
            }
            lowerDegree(other, colours);
        }
    }

    /** A node that has become easy to colour may make the moves of its neighbours safe. */
    private void lowerDegree(int node, int colours) {
        degree[node]--;
        // One more than easy matters too: the two ends of a move count as one neighbour.
        if (counts(node) && (degree[node] == colours || degree[node] == colours - 1)) {
            BitSet neighbours = adjacent[node];
            for (int other = neighbours.nextSetBit(0); other >= 0; other = neighbours.nextSetBit(other + 1)) {
                worthTrying.or(movesOf[other]);
            }
        }
    }

    /** The other ends of all moves of a node. */
    Set<Integer> partners(int node) {
        Set<Integer> partners = new LinkedHashSet<>();
        for (int i = movesOf[node].nextSetBit(0); i >= 0; i = movesOf[node].nextSetBit(i + 1)) {
            int a = representative(moves.get(i).a);
            int b = representative(moves.get(i).b);
            partners.add(a == node ? b : a);
        }
        partners.remove(node);
        return partners;
    }

    /** Merges the ends of one move, if the graph stays as easy to colour as it was. */
    boolean coalesceOne(int colours) {
        worthTrying.and(openMoves);
        for (int i = worthTrying.nextSetBit(0); i >= 0; i = worthTrying.nextSetBit(i + 1)) {
            worthTrying.clear(i);
            int a = representative(moves.get(i).a);
            int b = representative(moves.get(i).b);
            boolean pointless = a == b || adjacent[a].get(b) || !counts(a) || !counts(b);
            if (pointless) {
                openMoves.clear(i);
                return true;
            }
            int kept = Math.min(a, b);
            int merged = Math.max(a, b);
            boolean safe = kept < Machine.FIRST_VIRTUAL ? george(kept, merged, colours) : briggs(kept, merged, colours);
            if (safe) {
                openMoves.clear(i);
                merge(kept, merged, colours);
                return true;
            }
        }
        return false;
    }

    private boolean george(int fixed, int node, int colours) {
        BitSet neighbours = adjacent[node];
        for (int other = neighbours.nextSetBit(0); other >= 0; other = neighbours.nextSetBit(other + 1)) {
            boolean harmless = other < Machine.FIRST_VIRTUAL || adjacent[fixed].get(other) || degree(other) < colours;
            if (counts(other) && !harmless) {
                return false;
            }
        }
        return true;
    }

    private boolean briggs(int a, int b, int colours) {
        int significant = 0;
        BitSet union = (BitSet) adjacent[a].clone();
        union.or(adjacent[b]);
        for (int other = union.nextSetBit(0); other >= 0; other = union.nextSetBit(other + 1)) {
            if (other < Machine.FIRST_VIRTUAL || active.get(other) && significant(other, a, b, colours)) {
                significant++;
                if (significant == colours) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean significant(int other, int a, int b, int colours) {
        boolean both = adjacent[other].get(a) && adjacent[other].get(b);
        return degree[other] - (both ? 1 : 0) >= colours;
    }

    private void merge(int kept, int merged, int colours) {
        alias[merged] = kept;
        active.clear(merged);
        cost[kept] += cost[merged];
        movesOf[kept].or(movesOf[merged]);
        worthTrying.or(movesOf[kept]);
        BitSet neighbours = adjacent[merged];
        for (int other = neighbours.nextSetBit(0); other >= 0; other = neighbours.nextSetBit(other + 1)) {
            if (adjacent[kept].get(other)) {
                // It had both as neighbours and now has one.
                worthTrying.or(movesOf[other]);
                lowerDegree(other, colours);
            } else {
                connect(kept, other);
                degree[kept] += counts(other) ? 1 : 0;
            }
        }
    }
}
