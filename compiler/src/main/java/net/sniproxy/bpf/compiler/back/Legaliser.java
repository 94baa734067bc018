package net.sniproxy.bpf.compiler.back;

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

/** Rewrites what has no instruction: comparisons whose result is a number, and signed division before v4. */
public final class Legaliser {
    private final Function function;
    private final boolean version4;
    private final Map<Value, Value> replacements = new HashMap<>();

    private Legaliser(Function function, boolean version4) {
        this.function = function;
        this.version4 = version4;
    }

    /** Rewrites the function. */
    public static void run(Function function, boolean version4) {
        Legaliser legaliser = new Legaliser(function, version4);
        for (Block block : function.reversePostorder()) {
            legaliser.block(block);
        }
        function.substitute(legaliser.replacements);
    }

    private void block(Block block) {
        Block current = block;
        for (Value value : List.copyOf(block.instructions())) {
            switch (value.op()) {
                case Op.Compare(Condition condition) -> {
                    Block rest = splitAfter(current, value);
                    replacements.put(value, choose(current, rest, condition, value, 1, 0));
                    current = rest;
                }
                case Op.Compare3(boolean signed) -> {
                    Block rest = splitAfter(current, value);
                    replacements.put(value, threeWay(current, rest, value, signed));
                    current = rest;
                }
                case Op.Binary(BinaryOperator operator)
                when !version4 && (operator == BinaryOperator.SDIV || operator == BinaryOperator.SMOD) ->
                    replacements.put(value, divide(current, value, operator));
                default -> {}
            }
        }
    }

    /** Moves what follows {@code value} to a new block, removes {@code value}, and leaves {@code block} without end. */
    private Block splitAfter(Block block, Value value) {
        Block rest = function.newBlock();
        int at = block.instructions().indexOf(value);
        List<Value> tail =
                block.instructions().subList(at + 1, block.instructions().size());
        rest.instructions().addAll(tail);
        tail.clear();
        block.instructions().remove(at);
        rest.setTerminatorOnly(block.terminator());
        rest.successors().forEach(successor -> successor.replacePredecessor(block, rest));
        return rest;
    }

    private Value choose(Block block, Block rest, Condition condition, Value value, long yes, long no) {
        Block then = constantEdge(rest);
        Block otherwise = constantEdge(rest);
        branch(block, condition, value, then, otherwise);
        Value phi = function.newPhi(rest, Type.I32, value.position());
        phi.arguments().add(function.constant(Type.I32, yes));
        phi.arguments().add(function.constant(Type.I32, no));
        return phi;
    }

    private Value threeWay(Block block, Block rest, Value value, boolean signed) {
        Block less = constantEdge(rest);
        Block notLess = function.newBlock();
        Block greater = constantEdge(rest);
        Block equal = constantEdge(rest);
        branch(block, signed ? Condition.SLT : Condition.ULT, value, less, notLess);
        branch(notLess, signed ? Condition.SGT : Condition.UGT, value, greater, equal);
        Value phi = function.newPhi(rest, Type.I32, value.position());
        for (long result : new long[] {-1, 1, 0}) {
            phi.arguments().add(function.constant(Type.I32, result));
        }
        return phi;
    }

    private Block constantEdge(Block target) {
        Block edge = function.newBlock();
        edge.terminate(new Terminator.Jump(target));
        return edge;
    }

    private static void branch(Block block, Condition condition, Value value, Block then, Block otherwise) {
        Terminator branch = new Terminator.Branch(
                condition, value.argument(0), value.argument(1), then, otherwise, value.position());
        block.setTerminatorOnly(branch);
        then.predecessors().add(block);
        otherwise.predecessors().add(block);
    }

    /** {@code |a| / |b|} unsigned, and the sign put back: {@code (x ^ s) - s} negates where s is -1. */
    private Value divide(Block block, Value value, BinaryOperator operator) {
        Value a = value.argument(0);
        Value b = value.argument(1);
        Value signA = before(block, value, BinaryOperator.ASHR, a, constant(value, 63));
        Value signB = before(block, value, BinaryOperator.ASHR, b, constant(value, 63));
        Value absoluteA = withSign(block, value, a, signA);
        Value absoluteB = withSign(block, value, b, signB);
        BinaryOperator unsigned = operator == BinaryOperator.SDIV ? BinaryOperator.UDIV : BinaryOperator.UMOD;
        Value result = before(block, value, unsigned, absoluteA, absoluteB);
        Value sign = operator == BinaryOperator.SDIV ? before(block, value, BinaryOperator.XOR, signA, signB) : signA;
        Value signed = withSign(block, value, result, sign);
        block.instructions().remove(value);
        return signed;
    }

    private Value withSign(Block block, Value like, Value value, Value sign) {
        return before(block, like, BinaryOperator.SUB, before(block, like, BinaryOperator.XOR, value, sign), sign);
    }

    private Value constant(Value like, long count) {
        return function.constant(like.type(), like.type() == Type.I32 ? Math.min(count, 31) : count);
    }

    private Value before(Block block, Value like, BinaryOperator operator, Value left, Value right) {
        Value made = function.newValue(
                like.type(),
                new Op.Binary(operator),
                List.of(Function.resolve(replacements, left), Function.resolve(replacements, right)),
                like.position());
        block.instructions().add(block.instructions().indexOf(like), made);
        return made;
    }
}
