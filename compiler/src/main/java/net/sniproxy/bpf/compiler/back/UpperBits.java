package net.sniproxy.bpf.compiler.back;

import java.util.HashSet;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/** Knows which {@code int}s lie in a register with 32 zeroes above them. */
final class UpperBits {
    private UpperBits() {}

    /** Whether the upper half of the register is certainly zero: all 32-bit instructions clear it. */
    static boolean zero(Value value) {
        return zero(value, new HashSet<>());
    }

    private static boolean zero(Value value, Set<Value> seen) {
        return switch (value.op()) {
            case Op.Binary _, Op.Negate _, Op.ByteSwap _, Op.Extend _, Op.Load _, Op.Compare _, Op.Compare3 _ -> true;
            case Op.Constant _, Op.Undefined _ -> true;
            // A φ may lead back to itself: then the other arguments decide.
            case Op.Phi _ -> !seen.add(value) || value.arguments().stream().allMatch(argument -> zero(argument, seen));
            case Op.Atomic _ -> true;
            case Op.Truncate _, Op.Parameter _, Op.CallHelper _, Op.CallFunction _ -> false;
            case Op.MapAddress _, Op.StackAddress _, Op.Offset _, Op.Store _, Op.Clear _, Op.Unsupported _ -> false;
        };
    }
}
