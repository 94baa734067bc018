package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Finds loads and stores at constant places outside of an object on the stack. The JVM throws there, and the verifier, which
 * does not know where one object ends and the next begins, may not mind. What is found is left as it is, to be refused.
 */
public final class StackBounds {
    private StackBounds() {}

    /** Whether the instruction reads or writes a byte outside of an object on the stack, for certain. */
    public static boolean outside(Value instruction) {
        return switch (instruction.op()) {
            case Op.Load(int size, boolean _, int offset) -> outside(instruction.argument(0), offset, size);
            case Op.Store(int size, int offset) -> outside(instruction.argument(0), offset, size);
            case Op.Atomic(var _, int size, int offset, boolean _) -> outside(instruction.argument(0), offset, size);
            default -> false;
        };
    }

    private static boolean outside(Value address, long offset, int size) {
        Value pointer = address;
        long at = offset;
        while (pointer.op() instanceof Op.Offset && pointer.argument(1).isConstant()) {
            at += pointer.argument(1).constant();
            pointer = pointer.argument(0);
        }
        return pointer.op() instanceof Op.StackAddress(int _, int length) && (at < 0 || at + size > length);
    }
}
