package net.sniproxy.bpf.compiler;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.compiler.opt.Facts;
import net.sniproxy.bpf.compiler.opt.StackBounds;

/** Collects what is left of unsupported constructs after optimisation. */
final class Checker {
    private final String program;
    private final Facts facts;
    private final Set<Value> safeDivisions;
    private final List<CompileError> errors = new ArrayList<>();
    private final Set<Value> seen = new HashSet<>();
    private final Set<Position> lines = new HashSet<>();

    private Checker(String program, Function function, Set<Value> safeDivisions) {
        this.program = program;
        this.facts = new Facts(function);
        this.safeDivisions = safeDivisions;
    }

    /**
     * The divisions of a function as it was written whose divisor cannot be zero. The optimiser takes masks away that show
     * it, such as those of {@code (i & 7) + 1} where it knows that {@code i} is small.
     */
    static Set<Value> safeDivisions(Function function) {
        Facts facts = new Facts(function);
        Set<Value> safe = new HashSet<>();
        for (Block block : function.reversePostorder()) {
            for (Value value : block.instructions()) {
                if (value.op() instanceof Op.Binary(BinaryOperator operator)
                        && operator.divides()
                        && facts.nonZero(block, value.argument(1))) {
                    safe.add(value);
                }
            }
        }
        return safe;
    }

    static List<CompileError> check(String program, Function function, Set<Value> safeDivisions) {
        Checker checker = new Checker(program, function, safeDivisions);
        for (Block block : function.reversePostorder()) {
            block.phis().forEach(phi -> checker.arguments(phi, phi.position()));
            block.instructions().forEach(value -> checker.instruction(block, value));
            checker.terminator(block.terminator());
        }
        return List.copyOf(checker.errors);
    }

    private void instruction(Block block, Value value) {
        switch (value.op()) {
            case Op.Unsupported(String message) -> {
                seen.add(value);
                report(value.position(), message);
            }
            case Op.Load _, Op.Store _, Op.Atomic _ -> {
                arguments(value, value.position());
                access(value);
            }
            case Op.Binary(BinaryOperator operator)
            when operator.divides() && !safeDivisions.contains(value) && !facts.nonZero(block, value.argument(1)) ->
                report(
                        value.position(),
                        "the divisor may be 0, where Java throws and the kernel goes on: divide inside"
                                + " if (divisor != 0), or by a constant");
            case Op.Compare(Condition condition) -> {
                arguments(value, value.position());
                comparison(condition, value.argument(0), value.argument(1), value.position());
            }
            default -> arguments(value, value.position());
        }
    }

    private void access(Value value) {
        if (StackBounds.outside(value)) {
            report(
                    value.position(),
                    "this index is outside of the object on the stack: Java throws, the kernel goes on");
        }
    }

    /** Objects that are not needed at the same time share a place: their addresses may be equal although they are not. */
    private void comparison(Condition condition, Value left, Value right, Position position) {
        boolean equality = condition == Condition.EQ || condition == Condition.NE;
        boolean pointers = left.type() == Type.POINTER && right.type() == Type.POINTER;
        if (equality && pointers && !left.isConstant() && !right.isConstant()) {
            report(position, "two references are compared, and addresses mean nothing in the kernel: compare fields");
        }
    }

    private void arguments(Value user, Position position) {
        user.arguments().forEach(argument -> operand(argument, position));
    }

    /** A value that stands in no block exists at compile time only. */
    private void operand(Value value, Position position) {
        if (value.op() instanceof Op.Unsupported(String message) && seen.add(value)) {
            report(position.line() > 0 ? position : value.position(), message);
        }
    }

    private void terminator(Terminator terminator) {
        switch (terminator) {
            case Terminator.Trap(String message, Position position) -> report(position, message);
            case Terminator.Branch branch -> {
                branch.uses().forEach(value -> operand(value, branch.position()));
                comparison(branch.condition(), branch.left(), branch.right(), branch.position());
            }
            case Terminator.Return returns -> returns.uses().forEach(value -> operand(value, returns.position()));
            case Terminator.Jump _ -> {}
        }
    }

    /** One error a line: what follows from it helps nobody. */
    private void report(Position position, String message) {
        if (lines.add(position)) {
            errors.add(new CompileError(program, position, message));
        }
    }
}
