package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Position;
import org.jspecify.annotations.Nullable;

/** A block of machine instructions and how it ends. */
final class MachineBlock {
    private final int id;
    private final int loopDepth;
    private final List<Item> items = new ArrayList<>();
    private End end = new End.Leave();

    /** An instruction and where it comes from. */
    record Item(Machine machine, Position position) {}

    /** How a block ends. */
    sealed interface End {
        /** The last instruction left the function. */
        record Leave() implements End {}

        /** Goes on elsewhere. */
        record Jump(MachineBlock target) implements End {}

        /** Compares registers, or a register and a constant. */
        record Branch(
                Condition condition,
                boolean wide,
                int left,
                OptionalInt right,
                int constant,
                MachineBlock then,
                MachineBlock otherwise,
                Position position)
                implements End {}

        /** The blocks that may follow. */
        default List<MachineBlock> successors() {
            return switch (this) {
                case Leave _ -> List.of();
                case Jump(MachineBlock target) -> List.of(target);
                case Branch branch -> List.of(branch.then, branch.otherwise);
            };
        }

        /** The registers that are read. */
        default List<Integer> uses() {
            if (this instanceof Branch branch) {
                return branch.right.isPresent() ? List.of(branch.left, branch.right.getAsInt()) : List.of(branch.left);
            }
            return List.of();
        }

        /** The same with other registers. */
        default End map(IntUnaryOperator to) {
            if (this instanceof Branch branch) {
                OptionalInt right = branch.right.isPresent()
                        ? OptionalInt.of(to.applyAsInt(branch.right.getAsInt()))
                        : OptionalInt.empty();
                return new Branch(
                        branch.condition,
                        branch.wide,
                        to.applyAsInt(branch.left),
                        right,
                        branch.constant,
                        branch.then,
                        branch.otherwise,
                        branch.position);
            }
            return this;
        }
    }

    MachineBlock(int id, int loopDepth) {
        this.id = id;
        this.loopDepth = loopDepth;
    }

    int loopDepth() {
        return loopDepth;
    }

    List<Item> items() {
        return items;
    }

    void add(Machine machine, Position position) {
        items.add(new Item(machine, position));
    }

    End end() {
        return end;
    }

    void end(End newEnd) {
        end = newEnd;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return "b" + id;
    }
}
