package net.sniproxy.bpf.compiler.ir;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** How control leaves a block. */
public sealed interface Terminator {

    /** The blocks that may follow, in order. */
    List<Block> successors();

    /** The values read. */
    List<Value> uses();

    /** The same with each value replaced. */
    Terminator mapValues(UnaryOperator<Value> mapping);

    /** The same with each successor replaced. */
    Terminator mapSuccessors(UnaryOperator<Block> mapping);

    /** Goes on at {@code target}. */
    record Jump(Block target) implements Terminator {
        @Override
        public List<Block> successors() {
            return List.of(target);
        }

        @Override
        public List<Value> uses() {
            return List.of();
        }

        @Override
        public Terminator mapValues(UnaryOperator<Value> mapping) {
            return this;
        }

        @Override
        public Terminator mapSuccessors(UnaryOperator<Block> mapping) {
            return new Jump(mapping.apply(target));
        }
    }

    /** Goes to {@code then} if the condition holds on {@code left} and {@code right}, else to {@code otherwise}. */
    record Branch(Condition condition, Value left, Value right, Block then, Block otherwise, Position position)
            implements Terminator {
        @Override
        public List<Block> successors() {
            return List.of(then, otherwise);
        }

        @Override
        public List<Value> uses() {
            return List.of(left, right);
        }

        @Override
        public Terminator mapValues(UnaryOperator<Value> mapping) {
            return new Branch(condition, mapping.apply(left), mapping.apply(right), then, otherwise, position);
        }

        @Override
        public Terminator mapSuccessors(UnaryOperator<Block> mapping) {
            return new Branch(condition, left, right, mapping.apply(then), mapping.apply(otherwise), position);
        }
    }

    /** Leaves the function. */
    record Return(Optional<Value> value, Position position) implements Terminator {
        @Override
        public List<Block> successors() {
            return List.of();
        }

        @Override
        public List<Value> uses() {
            return value.stream().toList();
        }

        @Override
        public Terminator mapValues(UnaryOperator<Value> mapping) {
            return new Return(value.map(mapping), position);
        }

        @Override
        public Terminator mapSuccessors(UnaryOperator<Block> mapping) {
            return this;
        }
    }

    /** Must not be reached: an error if it is still there after optimisation. */
    record Trap(String message, Position position) implements Terminator {
        @Override
        public List<Block> successors() {
            return List.of();
        }

        @Override
        public List<Value> uses() {
            return List.of();
        }

        @Override
        public Terminator mapValues(UnaryOperator<Value> mapping) {
            return this;
        }

        @Override
        public Terminator mapSuccessors(UnaryOperator<Block> mapping) {
            return this;
        }
    }
}
