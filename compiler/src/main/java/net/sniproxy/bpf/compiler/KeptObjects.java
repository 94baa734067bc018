package net.sniproxy.bpf.compiler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.opt.StackPointers;

/**
 * Finds objects that are made anew in a loop while the one of the round before is still needed: on the JVM there are two then,
 * in the kernel there is one place for both. To be asked before the optimiser takes away where objects begin.
 */
final class KeptObjects {
    private final StackPointers pointers;
    private final List<Value> joins = new ArrayList<>();

    private KeptObjects(Function function) {
        pointers = StackPointers.of(function);
        for (Block block : function.reversePostorder()) {
            block.phis().stream()
                    .filter(phi -> !pointers.targets(phi).isEmpty())
                    .forEach(joins::add);
        }
    }

    static List<CompileError> find(String program, Function function) {
        KeptObjects kept = new KeptObjects(function);
        List<CompileError> errors = new ArrayList<>();
        for (Block block : function.reversePostorder()) {
            for (int i = 0; i < block.instructions().size() && !kept.joins.isEmpty(); i++) {
                Value begin = block.instructions().get(i);
                if (begin.op() instanceof Op.Clear && kept.isNeededAfter(block, i)) {
                    errors.add(new CompileError(
                            program,
                            begin.position(),
                            "the object of the round before is still needed when the loop makes the next one, and both"
                                    + " have one place: make it before the loop, or copy its fields into variables"));
                }
            }
        }
        return errors;
    }

    /** Whether an older pointer to the object that begins here, one that a φ has handed on, is used later. */
    private boolean isNeededAfter(Block block, int index) {
        BitSet object = pointers.targets(block.instructions().get(index).argument(0));
        for (Value phi : joins) {
            if (pointers.targets(phi).intersects(object) && isUsedAfter(phi, block, index)) {
                return true;
            }
        }
        return false;
    }

    /** Goes on from the instruction, up to where the φ gets its next value. */
    private boolean isUsedAfter(Value phi, Block block, int index) {
        if (uses(block.instructions().subList(index + 1, block.instructions().size()), phi)) {
            return true;
        }
        Set<Block> seen = new HashSet<>();
        Deque<Block> left = new ArrayDeque<>(block.successors());
        while (!left.isEmpty()) {
            Block next = left.pop();
            if (next.phis().contains(phi) || !seen.add(next)) {
                continue;
            }
            if (uses(next.instructions(), phi)) {
                return true;
            }
            left.addAll(next.successors());
        }
        return false;
    }

    private static boolean uses(List<Value> instructions, Value pointer) {
        return instructions.stream()
                .anyMatch(instruction -> instruction.arguments().contains(pointer));
    }
}
