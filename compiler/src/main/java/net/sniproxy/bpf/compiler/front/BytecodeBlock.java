package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Instruction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Value;

/** A straight run of bytecode, and what is known of it while its method is translated. */
final class BytecodeBlock {
    private final List<Item> items = new ArrayList<>();
    private final List<BytecodeBlock> successors = new ArrayList<>();
    private final List<BytecodeBlock> predecessors = new ArrayList<>();
    private final List<Frame> incoming = new ArrayList<>();
    private final Set<Integer> loopStores = new HashSet<>();
    private final List<LoopPhi> loopPhis = new ArrayList<>();
    private final Block block;
    private boolean loopHeader;
    private boolean translated;

    /** An instruction and its source line. */
    record Item(Instruction instruction, int line) {}

    /** A φ at a loop header for one local variable: back edges add to it. */
    record LoopPhi(int slot, Value phi) {}

    BytecodeBlock(Block block) {
        this.block = block;
    }

    List<Item> items() {
        return items;
    }

    List<BytecodeBlock> successors() {
        return successors;
    }

    List<BytecodeBlock> predecessors() {
        return predecessors;
    }

    /** Frames of the edges so far, in the order of the IR block's predecessors. */
    List<Frame> incoming() {
        return incoming;
    }

    /** Locals that are assigned in the loop that this block heads. */
    Set<Integer> loopStores() {
        return loopStores;
    }

    List<LoopPhi> loopPhis() {
        return loopPhis;
    }

    /** Where its translation begins. */
    Block block() {
        return block;
    }

    boolean isLoopHeader() {
        return loopHeader;
    }

    void markLoopHeader() {
        loopHeader = true;
    }

    boolean isTranslated() {
        return translated;
    }

    void markTranslated() {
        translated = true;
    }
}
