package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Function;

/** The control flow of one method's bytecode. Exception handlers are left out: nothing is caught in the kernel. */
final class BytecodeGraph {
    private final Function function;
    private final List<BytecodeBlock> blocks = new ArrayList<>();
    private final Map<Label, BytecodeBlock> byLabel = new HashMap<>();
    private List<BytecodeBlock> order = List.of();

    BytecodeGraph(Function function, CodeModel code) {
        this.function = function;
        divide(code);
        connect();
        order = reversePostorder();
        findLoops();
    }

    /** Where the method starts. */
    BytecodeBlock entry() {
        return blocks.getFirst();
    }

    /** The blocks that can be reached, each before its successors except along back edges. */
    List<BytecodeBlock> order() {
        return order;
    }

    /** The block at a branch target. */
    BytecodeBlock at(Label label) {
        BytecodeBlock block = byLabel.get(label);
        if (block == null) {
            throw new IllegalStateException("branch to a label that is not in the method");
        }
        return block;
    }

    /** The block that is entered when {@code block} does not branch. */
    BytecodeBlock after(BytecodeBlock block) {
        return blocks.get(blocks.indexOf(block) + 1);
    }

    private void divide(CodeModel code) {
        Set<Label> targets = targets(code);
        int line = 0;
        BytecodeBlock current = start();
        for (CodeElement element : code.elementList()) {
            switch (element) {
                case LineNumber number -> line = number.line();
                case LabelTarget target
                when targets.contains(target.label()) -> {
                    current = current.items().isEmpty() ? current : start();
                    byLabel.put(target.label(), current);
                }
                case Instruction instruction -> {
                    current.items().add(new BytecodeBlock.Item(instruction, line));
                    if (ends(instruction)) {
                        current = start();
                    }
                }
                default -> {}
            }
        }
    }

    private BytecodeBlock start() {
        BytecodeBlock block = new BytecodeBlock(function.newBlock());
        blocks.add(block);
        return block;
    }

    private static Set<Label> targets(CodeModel code) {
        Set<Label> targets = new HashSet<>();
        for (CodeElement element : code.elementList()) {
            if (element instanceof Instruction instruction) {
                targets.addAll(targets(instruction));
            }
        }
        return targets;
    }

    private static List<Label> targets(Instruction instruction) {
        return switch (instruction) {
            case BranchInstruction branch -> List.of(branch.target());
            case TableSwitchInstruction table -> targets(table.cases(), table.defaultTarget());
            case LookupSwitchInstruction lookup -> targets(lookup.cases(), lookup.defaultTarget());
            default -> List.of();
        };
    }

    private static List<Label> targets(List<SwitchCase> cases, Label otherwise) {
        List<Label> labels =
                new ArrayList<>(cases.stream().map(SwitchCase::target).toList());
        labels.add(otherwise);
        return labels;
    }

    private static boolean ends(Instruction instruction) {
        return switch (instruction) {
            case BranchInstruction _, ReturnInstruction _, ThrowInstruction _ -> true;
            case TableSwitchInstruction _, LookupSwitchInstruction _ -> true;
            default -> false;
        };
    }

    private static boolean fallsThrough(Instruction instruction) {
        return switch (instruction) {
            case BranchInstruction branch -> branch.opcode().name().startsWith("IF");
            default -> !ends(instruction);
        };
    }

    private void connect() {
        for (int i = 0; i < blocks.size(); i++) {
            BytecodeBlock block = blocks.get(i);
            if (block.items().isEmpty()) {
                continue;
            }
            Instruction last = block.items().getLast().instruction();
            for (Label label : targets(last)) {
                edge(block, at(label));
            }
            if (fallsThrough(last) && i + 1 < blocks.size()) {
                edge(block, blocks.get(i + 1));
            }
        }
    }

    private static void edge(BytecodeBlock from, BytecodeBlock to) {
        from.successors().add(to);
        to.predecessors().add(from);
    }

    private List<BytecodeBlock> reversePostorder() {
        Deque<BytecodeBlock> result = new ArrayDeque<>();
        visit(entry(), new HashSet<>(), result);
        return new ArrayList<>(result);
    }

    private static void visit(BytecodeBlock block, Set<BytecodeBlock> seen, Deque<BytecodeBlock> result) {
        if (!seen.add(block)) {
            return;
        }
        for (BytecodeBlock successor : block.successors().reversed()) {
            visit(successor, seen, result);
        }
        result.push(block);
    }

    private void findLoops() {
        Map<BytecodeBlock, Integer> index = new HashMap<>();
        for (BytecodeBlock block : order) {
            index.put(block, index.size());
        }
        for (BytecodeBlock header : order) {
            for (BytecodeBlock latch : header.predecessors()) {
                Integer place = index.get(latch);
                if (place != null && place >= index.getOrDefault(header, 0)) {
                    header.markLoopHeader();
                    collectStores(header, latch);
                }
            }
        }
    }

    private static void collectStores(BytecodeBlock header, BytecodeBlock latch) {
        Set<BytecodeBlock> body = new HashSet<>(Set.of(header));
        Deque<BytecodeBlock> work = new ArrayDeque<>(List.of(latch));
        while (!work.isEmpty()) {
            BytecodeBlock block = work.pop();
            if (body.add(block)) {
                work.addAll(block.predecessors());
            }
        }
        for (BytecodeBlock block : body) {
            for (BytecodeBlock.Item item : block.items()) {
                switch (item.instruction()) {
                    case StoreInstruction store -> header.loopStores().add(store.slot());
                    case IncrementInstruction increment -> header.loopStores().add(increment.slot());
                    default -> {}
                }
            }
        }
    }
}
