package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Folds constants, addresses, extensions and comparisons, by rules that look at one instruction and its arguments. This class
 * walks the function; the rules are in classes by kind of instruction.
 */
final class Simplifier {
    private final Function function;
    private final Ranges ranges;
    private final int[] uses;
    private final Map<Value, Value> replacements = new HashMap<>();
    private List<Value> output = new ArrayList<>();
    private final AddressRules addresses = new AddressRules(this);
    private final ConversionRules conversions = new ConversionRules(this);
    private final ArithmeticRules arithmetic = new ArithmeticRules(this);
    private boolean changed;

    private Simplifier(Function function) {
        this.function = function;
        this.ranges = Ranges.withLoops(function.reversePostorder());
        this.uses = function.useCounts();
    }

    static boolean run(Function function) {
        Simplifier simplifier = new Simplifier(function);
        function.reversePostorder().forEach(simplifier::block);
        function.substitute(simplifier.replacements);
        return simplifier.changed;
    }

    private void block(Block block) {
        output = new ArrayList<>();
        for (Value value : block.instructions()) {
            value.mapArguments(argument -> Function.resolve(replacements, argument));
            Value simpler = simplify(value);
            if (simpler == value) {
                output.add(value);
            } else {
                replacements.put(value, simpler);
                changed = true;
            }
        }
        block.instructions().clear();
        block.instructions().addAll(output);
        block.setTerminatorOnly(block.terminator().mapValues(value -> Function.resolve(replacements, value)));
        if (block.terminator() instanceof Terminator.Branch branch) {
            unsignedLoad(branch);
            branch(block, branch);
        }
    }

    private void branch(Block block, Terminator.Branch branch) {
        switch (Comparison.simplify(function, ranges, branch.condition(), branch.left(), branch.right())) {
            case Comparison.Known(boolean holds) -> {
                block.narrow(new Terminator.Jump(holds ? branch.then() : branch.otherwise()));
                changed = true;
            }
            case Comparison.Open(Comparison open) -> {
                Terminator.Branch simpler = new Terminator.Branch(
                        open.condition(),
                        open.left(),
                        open.right(),
                        branch.then(),
                        branch.otherwise(),
                        branch.position());
                changed |= !simpler.equals(branch);
                block.setTerminatorOnly(simpler);
            }
        }
    }

    /** A narrow field that is only compared with a small positive number need not be sign-extended. */
    private void unsignedLoad(Terminator.Branch branch) {
        Value load = branch.left();
        boolean equality = branch.condition() == Condition.EQ || branch.condition() == Condition.NE;
        if (equality
                && uses(load) == 1
                && branch.right().isConstant()
                && load.op() instanceof Op.Load(int size, boolean signed, int offset)
                && signed
                && branch.right().constant() >= 0
                && branch.right().constant() < 1L << size * 8 - 1) {
            load.become(new Op.Load(size, false, offset), List.copyOf(load.arguments()));
            changed = true;
        }
    }

    Function function() {
        return function;
    }

    Ranges ranges() {
        return ranges;
    }

    /** An instruction was changed in place. */
    void noteChange() {
        changed = true;
    }

    /** A number of the same type. */
    Value constant(Value like, long number) {
        return function.constant(like.type(), number);
    }

    /** A new instruction just before the one that is being simplified, itself simplified. */
    Value make(Value like, Op op, Type type, Value... arguments) {
        Value value = function.newValue(type, op, List.of(arguments), like.position());
        Value simpler = simplify(value);
        if (simpler == value) {
            output.add(value);
        }
        return simpler;
    }

    Value binary(Value like, BinaryOperator operator, Type type, Value left, Value right) {
        return make(like, new Op.Binary(operator), type, left, right);
    }

    private Value simplify(Value value) {
        return switch (value.op()) {
            case Op.Binary(BinaryOperator operator) -> arithmetic.simplify(value, operator);
            case Op.Offset _ -> addresses.simplify(value);
            case Op.Negate _
            when value.argument(0).isConstant() ->
                constant(value, -value.argument(0).constant());
            case Op.ByteSwap(int bits) -> conversions.swap(value, bits);
            case Op.Extend(int bits, boolean signed) -> conversions.extend(value, bits, signed);
            case Op.Truncate _ -> conversions.truncate(value);
            case Op.Compare(Condition condition) -> conversions.compare(value, condition);
            case Op.Compare3(boolean signed)
            when value.argument(0).isConstant() && value.argument(1).isConstant() -> {
                long a = value.argument(0).constant();
                long b = value.argument(1).constant();
                yield constant(value, signed ? Long.compare(a, b) : Long.compareUnsigned(a, b));
            }
            case Op.Load(int size, boolean signed, int offset) ->
                addresses.fold(value, offset, folded -> new Op.Load(size, signed, folded));
            case Op.Store(int size, int offset) -> {
                addresses.narrowStored(value, size);
                yield addresses.fold(value, offset, folded -> new Op.Store(size, folded));
            }
            case Op.Atomic(var operator, int size, int offset, boolean fetch) -> {
                boolean unused = fetch && uses(value) == 0;
                changed |= unused;
                yield addresses.fold(
                        value, offset, folded -> new Op.Atomic(operator, size, folded, fetch && !unused), unused);
            }
            default -> value;
        };
    }

    /** How often the value was used when the pass began; once if it is new. */
    int uses(Value value) {
        return value.id() < uses.length ? uses[value.id()] : 1;
    }
}
