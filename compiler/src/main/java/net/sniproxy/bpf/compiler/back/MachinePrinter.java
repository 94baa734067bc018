package net.sniproxy.bpf.compiler.back;

/** Machine instructions as text: eBPF's registers are {@code r3}, virtual ones {@code %17}. */
final class MachinePrinter {
    private MachinePrinter() {}

    static String print(Machine machine) {
        return switch (machine) {
            case Machine.Constant(int destination, long constant, boolean wide) ->
                register(destination, wide) + " = " + constant;
            case Machine.Move(int destination, int source, boolean wide) ->
                register(destination, wide) + " = " + register(source, wide);
            case Machine.MoveSigned(int destination, int source, int bits, boolean wide) ->
                register(destination, wide) + " = (s" + bits + ")" + register(source, wide);
            case Machine.MapAddress(int destination, String map) -> register(destination) + " = map " + map;
            case Machine.SlotAddress(int destination, int slot) -> register(destination) + " = &slot" + slot;
            case Machine.Alu(var operation, boolean wide, int destination, int source) ->
                register(destination, wide) + " " + operation.symbol() + " " + register(source, wide);
            case Machine.AluConstant(var operation, boolean wide, int destination, int constant) ->
                register(destination, wide) + " " + operation.symbol() + " " + constant;
            case Machine.Negate(boolean wide, int register) ->
                register(register, wide) + " = -" + register(register, wide);
            case Machine.Swap(int bits, int register) ->
                register(register) + " = swap" + bits + " " + register(register);
            case Machine.Load(int size, boolean signed, int destination, int base, int offset) ->
                register(destination) + " = " + memory(size, signed, register(base), offset);
            case Machine.Store(int size, int base, int offset, int source) ->
                memory(size, false, register(base), offset) + " = " + register(source);
            case Machine.StoreConstant(int size, int base, int offset, int constant) ->
                memory(size, false, register(base), offset) + " = " + constant;
            case Machine.LoadSlot(int size, boolean signed, int destination, int slot, int offset) ->
                register(destination) + " = " + memory(size, signed, "slot" + slot, offset);
            case Machine.StoreSlot(int size, int slot, int offset, int source) ->
                memory(size, false, "slot" + slot, offset) + " = " + register(source);
            case Machine.StoreSlotConstant(int size, int slot, int offset, int constant) ->
                memory(size, false, "slot" + slot, offset) + " = " + constant;
            case Machine.Atomic(var operation, int size, int base, int offset, int operand, boolean fetch) ->
                "atomic" + (fetch ? " fetch " : " ") + memory(size, false, register(base), offset) + " " + operation
                        + " " + register(operand);
            case Machine.CallHelper(int helper, String name, var _) -> "call " + name + "#" + helper;
            case Machine.CallFunction(String function, var _) -> "call " + function;
            case Machine.Exit _ -> "exit";
        };
    }

    static String print(MachineBlock.End end) {
        return switch (end) {
            case MachineBlock.End.Leave _ -> "";
            case MachineBlock.End.Jump(MachineBlock target) -> "goto " + target;
            case MachineBlock.End.Branch branch ->
                "if " + register(branch.left(), branch.wide()) + " "
                        + branch.condition().symbol() + " "
                        + (branch.right().isPresent()
                                ? register(branch.right().getAsInt(), branch.wide())
                                : Integer.toString(branch.constant()))
                        + " goto " + branch.then() + " else " + branch.otherwise();
        };
    }

    private static String memory(int size, boolean signed, String base, int offset) {
        return "*(" + (signed ? "s" : "u") + size * 8 + " *)(" + base + " + " + offset + ")";
    }

    private static String register(int number) {
        return register(number, true);
    }

    private static String register(int number, boolean wide) {
        return number < Machine.FIRST_VIRTUAL ? (wide ? "r" : "w") + number : (wide ? "%" : "%w") + number;
    }
}
