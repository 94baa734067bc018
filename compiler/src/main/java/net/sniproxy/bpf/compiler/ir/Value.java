package net.sniproxy.bpf.compiler.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** One node of the graph: an operation, its arguments and its result. Identity matters; equality is by identity. */
public final class Value {
    private final int id;
    private final Type type;
    private final Position position;
    private final List<Value> arguments;
    private Op op;

    Value(int id, Type type, Op op, List<Value> arguments, Position position) {
        this.id = id;
        this.type = type;
        this.op = op;
        this.arguments = new ArrayList<>(arguments);
        this.position = position;
    }

    /** A number unique in the function, in order of creation. */
    public int id() {
        return id;
    }

    /** The type of the result. */
    public Type type() {
        return type;
    }

    /** What is done. */
    public Op op() {
        return op;
    }

    /** Where in the source it comes from. */
    public Position position() {
        return position;
    }

    /** The arguments; φs grow theirs while the graph is built. */
    public List<Value> arguments() {
        return arguments;
    }

    /** Argument number {@code index}. */
    public Value argument(int index) {
        return arguments.get(index);
    }

    /** Turns it into another operation with the same type. */
    public void become(Op newOp, List<Value> newArguments) {
        List<Value> copy = List.copyOf(newArguments);
        op = newOp;
        arguments.clear();
        arguments.addAll(copy);
    }

    /** Replaces each argument by what {@code mapping} says. */
    public void mapArguments(UnaryOperator<Value> mapping) {
        arguments.replaceAll(mapping);
    }

    /** Whether it is the number {@code number}. */
    public boolean isConstant(long number) {
        return op instanceof Op.Constant(long value) && value == number;
    }

    /** Whether it is a number. */
    public boolean isConstant() {
        return op instanceof Op.Constant;
    }

    /**
     * The number that it is.
     *
     * @throws IllegalStateException if it is no constant
     */
    public long constant() {
        if (op instanceof Op.Constant(long value)) {
            return value;
        }
        throw new IllegalStateException(this + " is no constant");
    }

    /** Whether it belongs to no block. */
    public boolean isLeaf() {
        return op.isLeaf();
    }

    /** Whether it is a φ. */
    public boolean isPhi() {
        return op instanceof Op.Phi;
    }

    @Override
    public String toString() {
        return op instanceof Op.Constant(long value)
                ? (type == Type.POINTER ? "null" : Long.toString(value))
                : "v" + id;
    }
}
