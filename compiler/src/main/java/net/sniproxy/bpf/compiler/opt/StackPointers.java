package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/** Which objects on the stack each pointer of a function may point into. Objects go by the number of their slot. */
public final class StackPointers {
    private final Map<Integer, Value> objects = new TreeMap<>();
    private final Map<Value, BitSet> targets = new HashMap<>();
    private final BitSet escaped = new BitSet();

    private StackPointers() {}

    /** Follows all pointers of the function. */
    public static StackPointers of(Function function) {
        StackPointers pointers = new StackPointers();
        List<Value> values = new ArrayList<>();
        for (Block block : function.reversePostorder()) {
            values.addAll(block.phis());
            values.addAll(block.instructions());
        }
        values.forEach(pointers::findObjects);
        boolean changed = !pointers.objects.isEmpty();
        while (changed) {
            changed = false;
            for (Value value : values) {
                changed |= pointers.follow(value);
            }
        }
        return pointers;
    }

    private void findObjects(Value value) {
        for (Value argument : value.arguments()) {
            if (argument.op() instanceof Op.StackAddress(int slot, var _)) {
                objects.put(slot, argument);
                targets.computeIfAbsent(argument, _ -> new BitSet()).set(slot);
            }
        }
    }

    private boolean follow(Value value) {
        return switch (value.op()) {
            case Op.Phi _, Op.Offset _ -> {
                BitSet joined = new BitSet();
                value.arguments().forEach(argument -> joined.or(targets(argument)));
                yield !joined.isEmpty() && !joined.equals(targets.put(value, joined));
            }
            case Op.Store _ -> escape(value.argument(1));
            case Op.Load _, Op.Clear _, Op.Compare _, Op.CallHelper _, Op.CallFunction _ -> false;
            // Whatever else is done with a pointer, it is not followed.
            default -> value.arguments().stream().map(this::escape).reduce(false, Boolean::logicalOr);
        };
    }

    private boolean escape(Value pointer) {
        int before = escaped.cardinality();
        escaped.or(targets(pointer));
        return escaped.cardinality() != before;
    }

    /** The addresses of all objects that are used, by slot. */
    public Map<Integer, Value> objects() {
        return objects;
    }

    /** Objects whose pointers cannot all be followed. */
    public BitSet escaped() {
        return escaped;
    }

    /** What the pointer may point into. Not to be changed. */
    public BitSet targets(Value pointer) {
        return targets.getOrDefault(pointer, new BitSet());
    }

    /** What the arguments of an instruction may point into. */
    public BitSet used(Value instruction) {
        BitSet used = new BitSet();
        instruction.arguments().forEach(argument -> used.or(targets(argument)));
        return used;
    }
}
