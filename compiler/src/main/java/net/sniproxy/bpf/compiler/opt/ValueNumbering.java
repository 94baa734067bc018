package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Dominators;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * Reuses what was already computed on every path to here. Loads are reused within a block and along edges to blocks with
 * one predecessor, until something writes memory.
 */
final class ValueNumbering {
    private final Function function;
    private final Dominators dominators;
    private final Map<Value, Value> replacements = new HashMap<>();
    private final Map<Block, Map<Key, Value>> available = new HashMap<>();
    private final Map<Block, Map<Key, Value>> memoryAtEnd = new HashMap<>();

    private record Key(Type type, Op op, List<Value> arguments) {}

    private ValueNumbering(Function function) {
        this.function = function;
        this.dominators = new Dominators(function);
    }

    static boolean run(Function function) {
        ValueNumbering numbering = new ValueNumbering(function);
        numbering.dominators.order().forEach(numbering::block);
        function.substitute(numbering.replacements);
        return !numbering.replacements.isEmpty();
    }

    private void block(Block block) {
        Map<Key, Value> own = new HashMap<>();
        available.put(block, own);
        boolean extendsPredecessor = block.predecessors().size() == 1 && block != function.entry();
        Map<Key, Value> memory = new HashMap<>(
                extendsPredecessor
                        ? memoryAtEnd.getOrDefault(block.predecessors().getFirst(), Map.of())
                        : Map.of());
        List<Value> kept = new ArrayList<>();
        for (Value value : block.instructions()) {
            value.mapArguments(argument -> Function.resolve(replacements, argument));
            Value known = known(block, value, own, memory);
            if (known == null) {
                kept.add(value);
            } else {
                replacements.put(value, known);
            }
        }
        memoryAtEnd.put(block, memory);
        block.instructions().clear();
        block.instructions().addAll(kept);
    }

    private @Nullable Value known(Block block, Value value, Map<Key, Value> own, Map<Key, Value> memory) {
        Key key = new Key(value.type(), value.op(), List.copyOf(value.arguments()));
        if (value.op() instanceof Op.Load) {
            return memory.putIfAbsent(key, value);
        }
        if (value.op().writesMemory()) {
            memory.keySet()
                    .removeIf(load ->
                            Memory.mayChange(value, load.op(), load.arguments().getFirst()));
            if (value.op() instanceof Op.Store(int size, int offset)) {
                noteStored(value, size, offset, memory);
            }
            return null;
        }
        if (!value.op().isPure()) {
            return null;
        }
        for (Block at = block; at != null; at = dominators.immediate(at)) {
            Value known = available.getOrDefault(at, Map.of()).get(key);
            if (known != null) {
                return known;
            }
        }
        own.put(key, value);
        return null;
    }

    /** What was just stored with its full width need not be loaded. */
    private static void noteStored(Value store, int size, int offset, Map<Key, Value> memory) {
        Value stored = store.argument(1);
        boolean whole = size == (stored.type() == Type.I32 ? 4 : 8);
        if (whole && Memory.base(store.argument(0)).op() instanceof Op.StackAddress) {
            memory.put(new Key(stored.type(), new Op.Load(size, false, offset), List.of(store.argument(0))), stored);
        }
    }
}
