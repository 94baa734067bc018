package net.sniproxy.bpf.compiler.front;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Value;

/** Finds out which functions may move the packet, themselves or through others, and says so at each call. */
final class PacketMoves {
    private PacketMoves() {}

    static void mark(List<Function> functions) {
        Set<String> movers = new HashSet<>();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Function function : functions) {
                if (calls(function).stream().anyMatch(call -> moves(call, movers))) {
                    changed |= movers.add(function.name());
                }
            }
        }
        for (Function function : functions) {
            for (Value call : calls(function)) {
                if (call.op() instanceof Op.CallFunction(String name, boolean _)) {
                    call.become(new Op.CallFunction(name, movers.contains(name)), call.arguments());
                }
            }
        }
    }

    private static List<Value> calls(Function function) {
        return function.reversePostorder().stream()
                .map(Block::instructions)
                .flatMap(List::stream)
                .filter(value -> value.op() instanceof Op.CallHelper || value.op() instanceof Op.CallFunction)
                .toList();
    }

    private static boolean moves(Value call, Set<String> movers) {
        return switch (call.op()) {
            case Op.CallHelper(int _, String _, boolean movesPacket) -> movesPacket;
            case Op.CallFunction(String name, boolean _) -> movers.contains(name);
            default -> false;
        };
    }
}
