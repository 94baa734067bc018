package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/** Removes what nothing needs, and φs that join one value with itself or that equal another φ. */
final class DeadCode {
    private DeadCode() {}

    static boolean run(Function function) {
        boolean changed = removeDead(function);
        boolean again = true;
        while (again) {
            Map<Value, Value> replacements = new HashMap<>();
            for (Block block : function.reversePostorder()) {
                findRedundant(block, replacements);
            }
            again = !replacements.isEmpty();
            changed |= again;
            function.substitute(replacements);
        }
        return changed;
    }

    private static void findRedundant(Block block, Map<Value, Value> replacements) {
        Map<List<Value>, Value> seen = new HashMap<>();
        for (Value phi : List.copyOf(block.phis())) {
            Optional<Value> same = soleArgument(phi, replacements);
            Value replacement = same.orElseGet(() -> seen.putIfAbsent(List.copyOf(phi.arguments()), phi));
            if (replacement != null && replacement != phi && replacement.type() == phi.type()) {
                replacements.put(phi, replacement);
                block.phis().remove(phi);
            }
        }
    }

    /** The only value other than the φ itself and what does not exist. */
    private static Optional<Value> soleArgument(Value phi, Map<Value, Value> replacements) {
        Value found = null;
        for (Value raw : phi.arguments()) {
            Value argument = Function.resolve(replacements, raw);
            if (argument == phi || argument == found) {
                continue;
            }
            if (found != null) {
                return Optional.empty();
            }
            found = argument;
        }
        return Optional.ofNullable(found);
    }

    private static boolean removeDead(Function function) {
        List<Block> blocks = function.reversePostorder();
        BitSet live = live(function, blocks);
        boolean changed = false;
        for (Block block : blocks) {
            changed |= block.phis().removeIf(phi -> !live.get(phi.id()));
            changed |= block.instructions()
                    .removeIf(value -> !live.get(value.id()) && !(value.op() instanceof Op.Undefined));
        }
        return changed;
    }

    /** The numbers of the values on which an effect or a terminator depends. */
    private static BitSet live(Function function, List<Block> blocks) {
        BitSet live = new BitSet(function.valueBound());
        Deque<Value> work = new ArrayDeque<>();
        for (Block block : blocks) {
            for (Value instruction : block.instructions()) {
                if (instruction.op().hasEffect()) {
                    work.add(instruction);
                }
            }
            work.addAll(block.terminator().uses());
        }
        while (!work.isEmpty()) {
            Value value = work.pop();
            if (!live.get(value.id())) {
                live.set(value.id());
                work.addAll(value.arguments());
            }
        }
        return live;
    }
}
