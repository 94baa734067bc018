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
    private final PacketEpochs epochs;
    private Object epoch = "";
    private final Map<Value, Value> replacements = new HashMap<>();
    /** Where each computation stands, in places of which none dominates another. */
    private final Map<Key, List<Placed>> available = new HashMap<>();

    private final Map<Block, Map<Key, Value>> memoryAtEnd = new HashMap<>();

    private record Placed(Block block, Value value) {}

    private record Key(Type type, Op op, List<Value> arguments, Object epoch) {
        Key(Type type, Op op, List<Value> arguments) {
            this(type, op, arguments, "");
        }
    }

    private ValueNumbering(Function function) {
        this.function = function;
        this.dominators = new Dominators(function);
        this.epochs = new PacketEpochs(dominators.order());
    }

    static boolean run(Function function) {
        ValueNumbering numbering = new ValueNumbering(function);
        numbering.dominators.order().forEach(numbering::block);
        function.substitute(numbering.replacements);
        return !numbering.replacements.isEmpty();
    }

    private void block(Block block) {
        boolean extendsPredecessor = block.predecessors().size() == 1 && block != function.entry();
        Map<Key, Value> memory = new HashMap<>(
                extendsPredecessor
                        ? memoryAtEnd.getOrDefault(block.predecessors().getFirst(), Map.of())
                        : Map.of());
        List<Value> kept = new ArrayList<>();
        epoch = epochs.atEntry(block);
        for (Value value : block.instructions()) {
            value.mapArguments(argument -> Function.resolve(replacements, argument));
            Value known = known(block, value, memory);
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

    private @Nullable Value known(Block block, Value value, Map<Key, Value> memory) {
        if (PacketEpochs.movesPacket(value)) {
            epoch = value;
        }
        if (isPacketPointer(value)) {
            return dominating(block, new Key(value.type(), value.op(), List.copyOf(value.arguments()), epoch), value);
        }
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
        return dominating(block, key, value);
    }

    /** A pointer out of a context: nothing but a call that moves the packet changes it. */
    private static boolean isPacketPointer(Value value) {
        return value.type() == Type.POINTER
                && value.op() instanceof Op.Load
                && value.argument(0).op() instanceof Op.Parameter;
    }

    private @Nullable Value dominating(Block block, Key key, Value value) {
        List<Placed> places = available.computeIfAbsent(key, _ -> new ArrayList<>());
        for (Placed known : places) {
            if (dominators.dominates(known.block, block)) {
                return known.value;
            }
        }
        places.add(new Placed(block, value));
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
