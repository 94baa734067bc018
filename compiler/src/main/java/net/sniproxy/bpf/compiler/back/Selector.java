package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Dominators;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Value;

/** Chooses instructions: block by block the values, and how the block ends. */
final class Selector {
    private final Function function;
    private final MachineFunction machine;
    private final Operands operands;
    private final ValueSelector values;
    private final int[] uses;
    private final Map<Block, MachineBlock> blocks = new HashMap<>();
    private final Set<Value> fused = new HashSet<>();

    private Selector(Function function, boolean version4) {
        this.function = function;
        this.machine = new MachineFunction(function.name());
        this.operands = new Operands(machine);
        this.uses = function.useCounts();
        this.values = new ValueSelector(operands, version4, uses);
    }

    /** Translates a legal function without critical edges into φs. */
    static MachineFunction select(Function function, boolean version4) {
        return new Selector(function, version4).run();
    }

    private MachineFunction run() {
        Dominators dominators = new Dominators(function);
        List<Block> order = dominators.order();
        for (Block block : order) {
            machine.blocks()
                    .add(blocks.computeIfAbsent(block, _ -> new MachineBlock(block.id(), dominators.loopDepth(block))));
            fuseBitTest(block);
        }
        operands.moveTo(block(function.entry()));
        for (int i = 0; i < function.parameters().size(); i++) {
            operands.add(
                    new Machine.Move(operands.register(function.parameters().get(i)), i + 1, true));
        }
        for (Block block : order) {
            select(block);
        }
        return machine;
    }

    private void select(Block block) {
        operands.moveTo(block(block));
        for (Value value : block.instructions()) {
            operands.at(value.position());
            if (!fused.contains(value)) {
                values.select(value);
            }
        }
        end(block, block.terminator());
    }

    private MachineBlock block(Block block) {
        return Objects.requireNonNull(blocks.get(block), "a reachable block");
    }

    private void fuseBitTest(Block block) {
        if (block.terminator() instanceof Terminator.Branch branch && isBitTest(branch)) {
            fused.add(branch.left());
        }
    }

    /** {@code (x & mask) == 0}, where nobody else wants the masked value. */
    private boolean isBitTest(Terminator.Branch branch) {
        return (branch.condition() == Condition.EQ || branch.condition() == Condition.NE)
                && branch.right().isConstant(0)
                && branch.left().op() instanceof Op.Binary(BinaryOperator operator)
                && operator == BinaryOperator.AND
                && uses[branch.left().id()] == 1;
    }

    private void end(Block block, Terminator terminator) {
        switch (terminator) {
            case Terminator.Jump(Block target) -> {
                copyToPhis(block, target);
                operands.end(new MachineBlock.End.Jump(block(target)));
            }
            case Terminator.Branch branch -> {
                operands.at(branch.position());
                if (fused.contains(branch.left())) {
                    boolean whenSet = branch.condition() == Condition.NE;
                    branch(
                            Condition.SET,
                            branch.left().argument(0),
                            branch.left().argument(1),
                            whenSet ? branch.then() : branch.otherwise(),
                            whenSet ? branch.otherwise() : branch.then());
                } else {
                    branch(branch.condition(), branch.left(), branch.right(), branch.then(), branch.otherwise());
                }
            }
            case Terminator.Return(Optional<Value> value, Position where) -> {
                operands.at(where);
                value.ifPresent(result -> operands.make(0, result));
                operands.add(new Machine.Exit(value.isPresent()));
                operands.end(new MachineBlock.End.Leave());
            }
            case Terminator.Trap trap -> throw new IllegalStateException("trap in legal code: " + trap.message());
        }
    }

    private void branch(Condition condition, Value left, Value right, Block then, Block otherwise) {
        int first = operands.use(left);
        OptionalInt second = Operands.immediate(right) ? OptionalInt.empty() : OptionalInt.of(operands.use(right));
        operands.end(new MachineBlock.End.Branch(
                condition,
                left.type().wide(),
                first,
                second,
                second.isPresent() ? 0 : (int) right.constant(),
                block(then),
                block(otherwise),
                operands.position()));
    }

    private void copyToPhis(Block block, Block target) {
        int index = target.predecessors().indexOf(block);
        ParallelCopies copies = new ParallelCopies(machine::newRegister);
        List<Value> leaves = new ArrayList<>();
        for (Value phi : target.phis()) {
            Value argument = phi.argument(index);
            if (Operands.hasRegister(argument)) {
                copies.add(operands.register(phi), operands.register(argument));
            } else if (!(argument.op() instanceof Op.Undefined) || uses[phi.id()] > 0) {
                leaves.add(phi);
            }
        }
        copies.inOrder().forEach(operands::add);
        leaves.forEach(phi -> operands.make(operands.register(phi), phi.argument(index)));
    }
}
