package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.opt.StackPointers;

/**
 * Lets objects on the stack that are never needed at the same time share their place.
 *
 * <p>An object is needed from its first use to its last one on any way through the function; {@link Op.Clear} begins it
 * anew, so one in a loop is not needed from round to round.
 */
final class StackSharing {
    private final Function function;
    private final StackPointers pointers;
    private final Map<Integer, BitSet> neighbours = new HashMap<>();

    private StackSharing(Function function) {
        this.function = function;
        this.pointers = StackPointers.of(function);
    }

    /** Gives objects that share a place the same number and size. */
    static void run(Function function) {
        StackSharing sharing = new StackSharing(function);
        if (sharing.pointers.objects().size() > 1) {
            sharing.findNeighbours();
            sharing.assign();
        }
    }

    private void findNeighbours() {
        Map<Block, BitSet> begun = begunAtStart();
        Map<Block, BitSet> needed = neededAtEnd();
        for (Block block : function.reversePostorder()) {
            List<BitSet> neededAfter = new ArrayList<>();
            BitSet live = needed.getOrDefault(block, new BitSet());
            for (Value instruction : block.instructions().reversed()) {
                neededAfter.addFirst((BitSet) live.clone());
                goBack(instruction, live);
            }
            BitSet known = begun.getOrDefault(block, new BitSet());
            for (int i = 0; i < block.instructions().size(); i++) {
                BitSet used = pointers.used(block.instructions().get(i));
                known.or(used);
                BitSet here = neededAfter.get(i);
                here.and(known);
                here.or(used);
                here.or(pointers.escaped());
                used.stream().forEach(object -> together(object, here));
            }
        }
        pointers.escaped().stream()
                .forEach(object -> pointers.objects().keySet().forEach(other -> together(object, bit(other))));
    }

    private static BitSet bit(int number) {
        BitSet bit = new BitSet();
        bit.set(number);
        return bit;
    }

    private void together(int object, BitSet others) {
        neighbours.computeIfAbsent(object, _ -> new BitSet()).or(others);
        others.stream()
                .forEach(other ->
                        neighbours.computeIfAbsent(other, _ -> new BitSet()).set(object));
    }

    /** Objects that were used on some way to the block. */
    private Map<Block, BitSet> begunAtStart() {
        Map<Block, BitSet> starts = new HashMap<>();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Block block : function.reversePostorder()) {
                BitSet begun = (BitSet)
                        starts.computeIfAbsent(block, _ -> new BitSet()).clone();
                block.instructions().forEach(instruction -> begun.or(pointers.used(instruction)));
                for (Block successor : block.successors()) {
                    changed |= add(begun, starts.computeIfAbsent(successor, _ -> new BitSet()));
                }
            }
        }
        return starts;
    }

    /** Objects that are used on some way from the block before they begin anew. */
    private Map<Block, BitSet> neededAtEnd() {
        Map<Block, BitSet> ends = new HashMap<>();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Block block : function.reversePostorder().reversed()) {
                BitSet live =
                        (BitSet) ends.computeIfAbsent(block, _ -> new BitSet()).clone();
                block.instructions().reversed().forEach(instruction -> goBack(instruction, live));
                for (Block predecessor : block.predecessors()) {
                    changed |= add(live, ends.computeIfAbsent(predecessor, _ -> new BitSet()));
                }
            }
        }
        return ends;
    }

    private void goBack(Value instruction, BitSet live) {
        if (instruction.op() instanceof Op.Clear) {
            live.andNot(pointers.used(instruction));
        } else {
            live.or(pointers.used(instruction));
        }
    }

    private static boolean add(BitSet some, BitSet to) {
        int before = to.cardinality();
        to.or(some);
        return to.cardinality() != before;
    }

    /** The largest first: it gives the place its size. */
    private void assign() {
        List<Integer> order = new ArrayList<>(pointers.objects().keySet());
        order.sort(Comparator.comparingInt(this::size).reversed());
        Map<Integer, BitSet> places = new TreeMap<>();
        for (int object : order) {
            BitSet others = neighbours.getOrDefault(object, new BitSet());
            int place = places.entrySet().stream()
                    .filter(candidate -> !candidate.getValue().intersects(others))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(object);
            places.computeIfAbsent(place, _ -> new BitSet()).set(object);
        }
        places.forEach((place, sharers) -> {
            Op address = new Op.StackAddress(place, size(place));
            sharers.stream().forEach(object -> value(object).become(address, List.of()));
        });
    }

    private Value value(int object) {
        return Objects.requireNonNull(pointers.objects().get(object));
    }

    private int size(int object) {
        return value(object).op() instanceof Op.StackAddress(var _, int size) ? size : 0;
    }
}
