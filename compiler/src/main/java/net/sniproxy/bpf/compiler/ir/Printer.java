package net.sniproxy.bpf.compiler.ir;

import java.util.stream.Collectors;

/** Writes a function as text, for people and for golden tests. */
public final class Printer {
    private Printer() {}

    /** The blocks in reverse postorder, one instruction a line. */
    public static String print(Function function) {
        StringBuilder out = new StringBuilder("function " + function.name() + "\n");
        for (Block block : function.reversePostorder()) {
            out.append(block).append(":");
            if (!block.predecessors().isEmpty()) {
                out.append("  ; from ")
                        .append(block.predecessors().stream()
                                .map(Block::toString)
                                .collect(Collectors.joining(", ")));
            }
            out.append('\n');
            block.phis().forEach(phi -> out.append("    ").append(describe(phi)).append('\n'));
            block.instructions()
                    .forEach(value -> out.append("    ").append(describe(value)).append('\n'));
            out.append("    ").append(describe(block.terminator())).append('\n');
        }
        return out.toString();
    }

    /** One instruction. */
    public static String describe(Value value) {
        String arguments = value.arguments().stream().map(Printer::name).collect(Collectors.joining(", "));
        String result = value.type() == Type.NONE ? "" : value + " = ";
        String text = result + describe(value.op(), value.type()) + " " + arguments;
        return value.position().line() == 0
                ? text
                : String.format("%-48s ; line %d", text, value.position().line());
    }

    private static String name(Value value) {
        return switch (value.op()) {
            case Op.MapAddress(String map) -> "map " + map;
            case Op.StackAddress(int slot, int size) -> "slot" + slot + "[" + size + "]";
            case Op.Parameter(int index) -> "param" + index;
            case Op.Undefined _ -> "undefined";
            default -> value.toString();
        };
    }

    private static String describe(Op op, Type type) {
        String width = type == Type.I32 ? "32" : "64";
        return switch (op) {
            case Op.Constant(long number) -> "constant " + number;
            case Op.MapAddress(String map) -> "map " + map;
            case Op.StackAddress(int slot, var _) -> "slot" + slot;
            case Op.Parameter(int index) -> "parameter " + index;
            case Op.Undefined _ -> "undefined";
            case Op.Phi _ -> "phi" + width;
            case Op.Binary(BinaryOperator operator) -> operator.name().toLowerCase(java.util.Locale.ROOT) + width;
            case Op.Offset _ -> "offset";
            case Op.Negate _ -> "neg" + width;
            case Op.ByteSwap(int bits) -> "bswap" + bits;
            case Op.Extend(int bits, boolean signed) -> (signed ? "sext" : "zext") + bits + "to" + width;
            case Op.Truncate _ -> "truncate";
            case Op.Compare(Condition condition) -> "compare " + condition.symbol();
            case Op.Compare3(boolean signed) -> signed ? "compare3" : "compare3u";
            case Op.Load(int size, boolean signed, int offset) ->
                "load" + (signed ? ".s" : ".u") + size * 8 + " +" + offset;
            case Op.Store(int size, int offset) -> "store." + size * 8 + " +" + offset;
            case Op.Atomic(Op.AtomicOperator operator, int size, int offset, boolean fetch) ->
                "atomic " + operator + (fetch ? ".fetch." : ".") + size * 8 + " +" + offset;
            case Op.Clear(int size) -> "clear " + size;
            case Op.CallHelper(int helper, String name, boolean _) -> "call " + name + "#" + helper;
            case Op.CallFunction(String function, boolean _) -> "call " + function;
            case Op.Unsupported(String message) -> "unsupported: " + message;
        };
    }

    private static String describe(Terminator terminator) {
        return switch (terminator) {
            case Terminator.Jump(Block target) -> "goto " + target;
            case Terminator.Branch(Condition condition, Value left, Value right, Block then, Block otherwise, var _) ->
                "if" + (left.type() == Type.I32 ? "32 " : " ") + name(left) + " " + condition.symbol() + " "
                        + name(right) + " goto " + then + " else " + otherwise;
            case Terminator.Return(var value, var _) ->
                "return" + value.map(v -> " " + name(v)).orElse("");
            case Terminator.Trap(String message, Position position) -> "trap: " + message + " at " + position;
        };
    }
}
