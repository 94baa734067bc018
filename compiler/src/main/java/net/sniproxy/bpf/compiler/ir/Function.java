package net.sniproxy.bpf.compiler.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One kernel program, or one function that it calls. */
public final class Function {
    private static final Position NOWHERE = new Position("", "", "", 0);

    private final String name;
    private final List<Value> parameters = new ArrayList<>();
    private final Map<LeafKey, Value> leaves = new HashMap<>();
    private final Block entry;
    private int nextValue;
    private int nextBlock;
    private int nextSlot;

    private record LeafKey(Type type, Op op) {}

    /** An empty function: the entry block has no terminator yet. */
    public Function(String name) {
        this.name = name;
        this.entry = newBlock();
    }

    /** The symbol. */
    public String name() {
        return name;
    }

    /** Where it starts; nothing leads back here. */
    public Block entry() {
        return entry;
    }

    /** The parameters in order. */
    public List<Value> parameters() {
        return parameters;
    }

    /** Adds the next parameter. */
    public Value addParameter(Type type) {
        Value parameter = leaf(type, new Op.Parameter(parameters.size()));
        parameters.add(parameter);
        return parameter;
    }

    /** Makes a block that nothing leads to yet. */
    public Block newBlock() {
        return new Block(nextBlock++);
    }

    /** The constant {@code value}; an {@code int} is sign-extended first. */
    public Value constant(Type type, long value) {
        return leaf(type, new Op.Constant(type == Type.I32 ? (int) value : value));
    }

    /** The address of a map. */
    public Value mapAddress(String map) {
        return leaf(Type.POINTER, new Op.MapAddress(map));
    }

    /** A new object on the stack, its size rounded up to 8 bytes. */
    public Value newStackSlot(int size) {
        return leaf(Type.POINTER, new Op.StackAddress(nextSlot++, (size + 7) & ~7));
    }

    /** The value that does not exist. */
    public Value undefined(Type type) {
        return leaf(type, new Op.Undefined());
    }

    private Value leaf(Type type, Op op) {
        return leaves.computeIfAbsent(new LeafKey(type, op), _ -> new Value(nextValue++, type, op, List.of(), NOWHERE));
    }

    /** Makes an instruction that stands in no block yet. */
    public Value newValue(Type type, Op op, List<Value> arguments, Position position) {
        return new Value(nextValue++, type, op, arguments, position);
    }

    /** Makes an instruction at the end of {@code block}. */
    public Value append(Block block, Type type, Op op, List<Value> arguments, Position position) {
        Value value = newValue(type, op, arguments, position);
        block.instructions().add(value);
        return value;
    }

    /** Makes a φ without arguments in {@code block}. */
    public Value newPhi(Block block, Type type, Position position) {
        Value phi = newValue(type, new Op.Phi(), List.of(), position);
        block.phis().add(phi);
        return phi;
    }

    /** All numbers of values are below this. */
    public int valueBound() {
        return nextValue;
    }

    /** The reachable blocks, each before its successors except along back edges. */
    public List<Block> reversePostorder() {
        Deque<Block> order = new ArrayDeque<>();
        visit(order);
        return new ArrayList<>(order);
    }

    private void visit(Deque<Block> order) {
        record Frame(Block block, List<Block> successors, int[] next) {}
        BitSet seen = new BitSet(nextBlock);
        seen.set(entry.id());
        Deque<Frame> stack = new ArrayDeque<>();
        stack.push(new Frame(
                entry, entry.successors(), new int[] {entry.successors().size()}));
        while (!stack.isEmpty()) {
            Frame frame = stack.element();
            if (frame.next[0] == 0) {
                order.push(frame.block);
                stack.pop();
                continue;
            }
            // From the last successor to the first, so that the first one comes right after its block.
            Block successor = frame.successors.get(--frame.next[0]);
            if (!seen.get(successor.id())) {
                seen.set(successor.id());
                List<Block> next = successor.successors();
                stack.push(new Frame(successor, next, new int[] {next.size()}));
            }
        }
    }

    /** Drops the edges that come from blocks that cannot be reached. */
    public void removeUnreachable() {
        List<Block> reachable = reversePostorder();
        BitSet ids = new BitSet(nextBlock);
        reachable.forEach(block -> ids.set(block.id()));
        for (Block block : reachable) {
            for (int i = block.predecessors().size() - 1; i >= 0; i--) {
                Block predecessor = block.predecessors().get(i);
                if (!ids.get(predecessor.id())) {
                    block.removePredecessor(predecessor);
                }
            }
        }
    }

    /** Replaces values everywhere; chains of replacements are followed. Empties nothing: the old ones stay in blocks. */
    public void substitute(Map<Value, Value> replacements) {
        if (replacements.isEmpty()) {
            return;
        }
        for (Block block : reversePostorder()) {
            block.phis().forEach(phi -> phi.mapArguments(value -> resolve(replacements, value)));
            block.instructions().forEach(i -> i.mapArguments(value -> resolve(replacements, value)));
            block.setTerminatorOnly(block.terminator().mapValues(value -> resolve(replacements, value)));
        }
    }

    /** Follows {@code replacements} from {@code value} to the end of the chain. */
    public static Value resolve(Map<Value, Value> replacements, Value value) {
        Value result = value;
        int steps = 0;
        for (Value next = replacements.get(result); next != null; next = replacements.get(result)) {
            result = next;
            if (++steps > replacements.size()) {
                throw new IllegalStateException("replacements go round in circles at " + value);
            }
        }
        return result;
    }

    /** How often each value is used, by number. */
    public int[] useCounts() {
        int[] counts = new int[nextValue];
        for (Block block : reversePostorder()) {
            block.phis().forEach(phi -> phi.arguments().forEach(a -> counts[a.id()]++));
            block.instructions().forEach(i -> i.arguments().forEach(a -> counts[a.id()]++));
            block.terminator().uses().forEach(a -> counts[a.id()]++);
        }
        return counts;
    }

    /** The users of each value: φs and instructions, not terminators. */
    public Map<Value, List<Value>> users() {
        Map<Value, List<Value>> users = new LinkedHashMap<>();
        for (Block block : reversePostorder()) {
            for (List<Value> list : Arrays.asList(block.phis(), block.instructions())) {
                for (Value user : list) {
                    user.arguments()
                            .forEach(argument -> users.computeIfAbsent(argument, _ -> new ArrayList<>())
                                    .add(user));
                }
            }
        }
        return users;
    }
}
