package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Translates one call of one method: its control flow, and where its variables meet. */
final class MethodTranslator {
    private final Translation translation;
    private final Emitter emitter;
    private final ClassFiles.Method method;
    private final BytecodeGraph graph;
    private final InstructionTranslator instructions;
    private final Block exit;
    private final List<Value> results = new ArrayList<>();

    private MethodTranslator(Translation translation, ClassFiles.Method method, CodeModel code) {
        this.translation = translation;
        this.emitter = translation.emitter();
        this.method = method;
        this.graph = new BytecodeGraph(emitter.function(), code);
        this.exit = emitter.function().newBlock();
        this.instructions = new InstructionTranslator(translation);
    }

    /**
     * Translates the method at the emitter's place and moves the emitter behind it.
     *
     * @return what the method returns; empty for {@code void}
     */
    static Optional<Value> inline(Translation translation, ClassFiles.Method method, List<Value> arguments) {
        Emitter emitter = translation.emitter();
        TypeKind returned = TypeKind.from(method.model().methodTypeSymbol().returnType());
        String key = method.ownerName() + "." + method.name()
                + method.model().methodType().stringValue();
        Optional<CodeModel> code = method.model().code();
        if (code.isEmpty()) {
            return unsupported(emitter, returned, method.name() + " has no body that could be compiled");
        }
        if (!translation.enter(key)) {
            return unsupported(emitter, returned, "recursion of " + method.name() + ": write a bounded loop");
        }
        Position before = emitter.position();
        MethodTranslator translator = new MethodTranslator(translation, method, code.get());
        Optional<Value> result = translator.translate(arguments, returned);
        translation.leave();
        emitter.at(before);
        return result;
    }

    private static Optional<Value> unsupported(Emitter emitter, TypeKind returned, String message) {
        Value value = emitter.unsupported(Types.of(returned), message);
        return returned == TypeKind.VOID ? Optional.empty() : Optional.of(value);
    }

    private Optional<Value> translate(List<Value> arguments, TypeKind returned) {
        Frame frame = new Frame(method.model()
                .findAttribute(Attributes.code())
                .map(code -> code.maxLocals())
                .orElse(0));
        int slot = 0;
        for (Value argument : arguments) {
            frame.local(slot, argument);
            slot += argument.type() == Type.I64 ? 2 : 1;
        }
        jump(graph.entry(), frame);
        for (BytecodeBlock block : graph.order()) {
            if (!block.incoming().isEmpty()) {
                translate(block);
            }
        }
        emitter.moveTo(exit);
        return returned == TypeKind.VOID ? Optional.empty() : Optional.of(result(Types.of(returned)));
    }

    private Value result(Type type) {
        if (results.isEmpty()) {
            return emitter.function().undefined(type);
        }
        return join(exit, results);
    }

    // ---- blocks ----

    private void translate(BytecodeBlock block) {
        Frame frame = enter(block);
        block.markTranslated();
        emitter.moveTo(block.block());
        for (BytecodeBlock.Item item : block.items()) {
            emitter.at(new Position(
                    method.ownerName().replace('/', '.'), method.name(), SourceFiles.of(method.owner()), item.line()));
            if (control(block, item.instruction(), frame)) {
                return;
            }
            try {
                instructions.translate(item.instruction(), frame);
            } catch (IllegalArgumentException e) {
                // A class file that is missing, a struct that cannot be laid out: nothing behind it makes sense.
                emitter.trap(String.valueOf(e.getMessage()));
                return;
            }
        }
        jump(graph.after(block), frame);
    }

    /** The frame at the start of a block: where its predecessors differ, φs. */
    private Frame enter(BytecodeBlock block) {
        Frame frame = block.incoming().getFirst().copy();
        for (int slot = 0; slot < frame.localCount(); slot++) {
            int local = slot;
            List<Value> values = new ArrayList<>();
            for (Frame incoming : block.incoming()) {
                Value value = incoming.local(local);
                if (value != null) {
                    values.add(value);
                }
            }
            boolean usable = values.size() == block.incoming().size() && sameType(values);
            if (usable && block.isLoopHeader() && block.loopStores().contains(slot)) {
                Value phi = phi(block.block(), values);
                block.loopPhis().add(new BytecodeBlock.LoopPhi(slot, phi));
                frame.local(slot, phi);
            } else {
                frame.local(slot, usable ? join(block.block(), values) : null);
            }
        }
        for (int depth = 0; depth < frame.stack().size(); depth++) {
            int place = depth;
            List<Value> values = block.incoming().stream()
                    .map(incoming -> incoming.stack().get(place))
                    .toList();
            frame.stack().set(depth, join(block.block(), values));
        }
        return frame;
    }

    private static boolean sameType(List<Value> values) {
        return values.stream().map(Value::type).distinct().count() == 1;
    }

    private Value join(Block block, List<Value> values) {
        boolean same = values.stream().distinct().count() == 1;
        return same ? values.getFirst() : phi(block, values);
    }

    private Value phi(Block block, List<Value> values) {
        Value phi = emitter.function().newPhi(block, values.getFirst().type(), emitter.position());
        phi.arguments().addAll(values);
        String known = translation.classOf(values.getFirst());
        if (known != null && values.stream().allMatch(value -> known.equals(translation.classOf(value)))) {
            translation.classOf(phi, known);
        }
        return phi;
    }

    /** Notes that an edge with this frame was just added to the target's IR block. */
    private void arrive(BytecodeBlock target, Frame frame) {
        if (!target.isTranslated()) {
            target.incoming().add(frame.copy());
            return;
        }
        for (BytecodeBlock.LoopPhi loop : target.loopPhis()) {
            Value value = frame.local(loop.slot());
            Type type = loop.phi().type();
            boolean usable = value != null && value.type() == type;
            loop.phi().arguments().add(usable ? value : emitter.function().undefined(type));
        }
    }

    private void jump(BytecodeBlock target, Frame frame) {
        emitter.jump(target.block());
        arrive(target, frame);
    }

    private void branch(
            Condition condition, Value left, Value right, BytecodeBlock then, BytecodeBlock otherwise, Frame frame) {
        emitter.branch(condition, left, right, then.block(), otherwise.block());
        arrive(then, frame);
        arrive(otherwise, frame);
    }

    // ---- control instructions ----

    /** Translates an instruction that ends its block; false for all others. */
    private boolean control(BytecodeBlock block, Instruction instruction, Frame frame) {
        switch (instruction) {
            case BranchInstruction branch -> branch(block, branch, frame);
            case TableSwitchInstruction table -> switches(table.cases(), table.defaultTarget(), frame);
            case LookupSwitchInstruction lookup -> switches(lookup.cases(), lookup.defaultTarget(), frame);
            case ReturnInstruction returns -> {
                emitter.jump(exit);
                if (returns.typeKind() != TypeKind.VOID) {
                    results.add(frame.pop());
                }
            }
            case ThrowInstruction _ ->
                emitter.trap("this exception may be thrown: nobody catches it in the kernel. Return a verdict, or show"
                        + " by a check before it that it cannot happen");
            default -> {
                return false;
            }
        }
        return true;
    }

    private void branch(BytecodeBlock block, BranchInstruction instruction, Frame frame) {
        BytecodeBlock target = graph.at(instruction.target());
        Opcode opcode = instruction.opcode();
        if (opcode == Opcode.GOTO || opcode == Opcode.GOTO_W) {
            jump(target, frame);
            return;
        }
        BytecodeBlock next = graph.after(block);
        switch (opcode) {
            case IFNULL, IFNONNULL -> {
                Value value = frame.pop();
                // An enum constant is its ordinal here, and never null.
                Value zero = value.type() == Type.POINTER ? emitter.nullPointer() : emitter.integer(-1);
                branch(Types.condition(opcode), value, zero, target, next, frame);
            }
            case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPLE, IF_ICMPGT, IF_ICMPGE, IF_ACMPEQ, IF_ACMPNE -> {
                Value right = frame.pop();
                Value left = frame.pop();
                branch(Types.condition(opcode), left, right, target, next, frame);
            }
            default -> {
                Value value = frame.pop();
                branch(Types.condition(opcode), value, emitter.integer(0), target, next, frame);
            }
        }
    }

    private void switches(List<SwitchCase> cases, Label otherwise, Frame frame) {
        Value key = frame.pop();
        Optional<Translation.SwitchKey> enumKey = translation.switchKey(key);
        for (SwitchCase choice : cases) {
            BytecodeBlock target = graph.at(choice.target());
            if (target == graph.at(otherwise)) {
                continue;
            }
            if (enumKey.isEmpty()) {
                compare(key, choice.caseValue(), target, frame);
                continue;
            }
            for (Map.Entry<Integer, Integer> entry : enumKey.get().table().entrySet()) {
                if (entry.getValue() == choice.caseValue()) {
                    compare(enumKey.get().ordinal(), entry.getKey(), target, frame);
                }
            }
        }
        jump(graph.at(otherwise), frame);
    }

    private void compare(Value key, int number, BytecodeBlock target, Frame frame) {
        Block next = emitter.function().newBlock();
        emitter.branch(Condition.EQ, key, emitter.integer(number), target.block(), next);
        arrive(target, frame);
        emitter.moveTo(next);
    }
}
