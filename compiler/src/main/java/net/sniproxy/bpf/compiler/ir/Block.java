package net.sniproxy.bpf.compiler.ir;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A straight run of instructions with one entry and one {@link Terminator}. */
public final class Block {
    private final int id;
    private final List<Block> predecessors = new ArrayList<>();
    private final List<Value> phis = new ArrayList<>();
    private final List<Value> instructions = new ArrayList<>();
    private @Nullable Terminator terminator;

    Block(int id) {
        this.id = id;
    }

    /** A number unique in the function. */
    public int id() {
        return id;
    }

    /** The blocks that lead here; one that branches here on both outcomes stands twice. */
    public List<Block> predecessors() {
        return predecessors;
    }

    /** The φs, with one argument per predecessor. */
    public List<Value> phis() {
        return phis;
    }

    /** The instructions in program order. */
    public List<Value> instructions() {
        return instructions;
    }

    /** How control leaves. */
    public Terminator terminator() {
        if (terminator == null) {
            throw new IllegalStateException(this + " is not terminated");
        }
        return terminator;
    }

    /** The blocks that may follow. */
    public List<Block> successors() {
        return terminator().successors();
    }

    /** Sets the terminator of a new block, and makes this block a predecessor of its successors. */
    public void terminate(Terminator newTerminator) {
        if (terminator != null) {
            throw new IllegalStateException(this + " is already terminated");
        }
        terminator = newTerminator;
        newTerminator.successors().forEach(successor -> successor.predecessors.add(this));
    }

    /** Exchanges the terminator for one whose edges are all edges of the old one; the others are removed. */
    public void narrow(Terminator narrower) {
        List<Block> kept = new ArrayList<>(narrower.successors());
        for (Block successor : successors()) {
            if (!kept.remove(successor)) {
                successor.removePredecessor(this);
            }
        }
        terminator = narrower;
    }

    /** Sets the terminator and leaves the lists of predecessors to the caller. */
    public void setTerminatorOnly(Terminator newTerminator) {
        terminator = newTerminator;
    }

    /** Removes one edge from {@code predecessor}, with the φs' arguments. */
    public void removePredecessor(Block predecessor) {
        int index = predecessors.indexOf(predecessor);
        predecessors.remove(index);
        phis.forEach(phi -> phi.arguments().remove(index));
    }

    /** Gives the edge from {@code from} to {@code to}, which takes its place. */
    public void replacePredecessor(Block from, Block to) {
        predecessors.set(predecessors.indexOf(from), to);
    }

    @Override
    public String toString() {
        return "b" + id;
    }
}
