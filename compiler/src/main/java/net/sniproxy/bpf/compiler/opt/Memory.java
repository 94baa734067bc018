package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/** Which accesses to memory can meet. */
final class Memory {
    private Memory() {}

    /** The pointer that {@code pointer} was computed from. */
    static Value base(Value pointer) {
        Value base = pointer;
        while (base.op() instanceof Op.Offset) {
            base = base.argument(0);
        }
        return base;
    }

    /** Whether {@code write} may change what {@code load} reads through {@code loaded}. */
    static boolean mayChange(Value write, Op load, Value loaded) {
        return switch (write.op()) {
            case Op.Store(int size, int offset) -> mayOverlap(load, loaded, write.argument(0), offset, size);
            case Op.Clear(int size) -> mayOverlap(load, loaded, write.argument(0), 0, size);
            case Op.Atomic(var _, int size, int offset, boolean _) ->
                mayOverlap(load, loaded, write.argument(0), offset, size);
            default -> true;
        };
    }

    private static boolean mayOverlap(Op load, Value loaded, Value pointer, int offset, int size) {
        if (!(load instanceof Op.Load(int loadSize, boolean _, int loadOffset))) {
            return true;
        }
        if (loaded == pointer) {
            return loadOffset < offset + size && offset < loadOffset + loadSize;
        }
        Value a = base(loaded);
        Value b = base(pointer);
        boolean distinct = a != b && (a.op() instanceof Op.StackAddress || b.op() instanceof Op.StackAddress);
        // A stack slot whose address went through a φ or memory can hide behind any pointer that is not a slot.
        return !distinct
                || !(a.op() instanceof Op.StackAddress) && !isRoot(a)
                || !(b.op() instanceof Op.StackAddress) && !isRoot(b);
    }

    private static boolean isRoot(Value pointer) {
        return pointer.op() instanceof Op.Parameter
                || pointer.op() instanceof Op.CallHelper
                || pointer.op() instanceof Op.Load;
    }
}
