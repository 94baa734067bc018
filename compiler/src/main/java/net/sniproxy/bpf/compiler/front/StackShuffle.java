package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Opcode;
import java.util.List;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** The instructions that only rearrange the operand stack. */
final class StackShuffle {
    private StackShuffle() {}

    static void apply(Opcode opcode, Frame frame) {
        switch (opcode) {
            case POP -> frame.pop();
            case POP2 -> take(frame);
            case DUP -> copyBelow(frame, List.of(frame.pop()), List.of());
            case DUP_X1 -> {
                List<Value> top = List.of(frame.pop());
                copyBelow(frame, top, List.of(frame.pop()));
            }
            case DUP_X2 -> {
                List<Value> top = List.of(frame.pop());
                copyBelow(frame, top, take(frame));
            }
            case DUP2 -> copyBelow(frame, take(frame), List.of());
            case DUP2_X1 -> {
                List<Value> top = take(frame);
                copyBelow(frame, top, List.of(frame.pop()));
            }
            case DUP2_X2 -> {
                List<Value> top = take(frame);
                copyBelow(frame, top, take(frame));
            }
            case SWAP -> {
                Value top = frame.pop();
                Value below = frame.pop();
                frame.push(top);
                frame.push(below);
            }
            default -> throw new IllegalStateException("not a stack instruction: " + opcode);
        }
    }

    /** Pops one {@code long} or two other values. */
    private static List<Value> take(Frame frame) {
        return frame.pop(frame.stack().getLast().type() == Type.I64 ? 1 : 2);
    }

    private static void copyBelow(Frame frame, List<Value> top, List<Value> between) {
        top.forEach(frame::push);
        between.forEach(frame::push);
        top.forEach(frame::push);
    }
}
