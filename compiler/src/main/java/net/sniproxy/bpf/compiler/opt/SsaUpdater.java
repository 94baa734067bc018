package net.sniproxy.bpf.compiler.opt;

import java.util.HashMap;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Finds the value of one variable that is assigned in several blocks, and makes the φs for it. */
final class SsaUpdater {
    private static final Position NOWHERE = new Position("", "", "", 0);

    private final Function function;
    private final Type type;
    private final Map<Block, Value> atEnd = new HashMap<>();
    private final Map<Block, Value> atEntry = new HashMap<>();

    SsaUpdater(Function function, Type type) {
        this.function = function;
        this.type = type;
    }

    /** Says that the variable has {@code value} when control leaves {@code block}. */
    void define(Block block, Value value) {
        atEnd.put(block, value);
    }

    /** The variable's value when control leaves {@code block}. */
    Value valueAtEnd(Block block) {
        Value value = atEnd.get(block);
        return value != null ? value : valueAtEntry(block);
    }

    /** The variable's value when control enters {@code block}. */
    Value valueAtEntry(Block block) {
        Value known = atEntry.get(block);
        if (known != null) {
            return known;
        }
        Value value;
        if (block.predecessors().isEmpty()) {
            value = function.undefined(type);
        } else if (block.predecessors().size() == 1) {
            value = valueAtEnd(block.predecessors().getFirst());
        } else {
            Value phi = function.newPhi(block, type, NOWHERE);
            // Known before the predecessors are asked: they may lead back here.
            atEntry.put(block, phi);
            block.predecessors().forEach(predecessor -> phi.arguments().add(valueAtEnd(predecessor)));
            return phi;
        }
        atEntry.put(block, value);
        return value;
    }
}
