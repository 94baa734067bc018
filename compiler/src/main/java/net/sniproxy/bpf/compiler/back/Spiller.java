package net.sniproxy.bpf.compiler.back;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Moves registers to the stack: a store after each write, a load before each read. */
final class Spiller {
    private final MachineFunction function;
    private final Set<Integer> unspillable;
    private final Map<Integer, Integer> slots = new HashMap<>();

    Spiller(MachineFunction function, Set<Integer> unspillable) {
        this.function = function;
        this.unspillable = unspillable;
    }

    /** Registers that were joined have one slot each: the moves between them become copies that nobody needs. */
    void spill(Set<Integer> registers) {
        registers.stream().sorted().forEach(register -> slots.put(register, function.newSlot(8)));
        for (MachineBlock block : function.blocks()) {
            List<MachineBlock.Item> items = List.copyOf(block.items());
            block.items().clear();
            items.forEach(item -> rewrite(block, item));
            Map<Integer, Integer> loaded = new HashMap<>();
            for (int use : block.end().uses()) {
                if (slots.containsKey(use)) {
                    int fresh = loaded.computeIfAbsent(use, _ -> fresh());
                    block.add(
                            new Machine.LoadSlot(8, false, fresh, slot(use), 0),
                            block.items().isEmpty()
                                    ? new net.sniproxy.bpf.compiler.ir.Position("", "", "", 0)
                                    : block.items().getLast().position());
                }
            }
            block.end(block.end().map(register -> loaded.getOrDefault(register, register)));
        }
    }

    private int fresh() {
        int register = function.newRegister();
        unspillable.add(register);
        return register;
    }

    private int slot(int register) {
        return slots.getOrDefault(register, -1);
    }

    private void rewrite(MachineBlock block, MachineBlock.Item item) {
        Machine machine = item.machine();
        Map<Integer, Integer> renamed = new HashMap<>();
        for (int use : machine.uses()) {
            if (slots.containsKey(use) && !renamed.containsKey(use)) {
                renamed.put(use, fresh());
                block.add(
                        new Machine.LoadSlot(8, false, renamed.getOrDefault(use, use), slot(use), 0), item.position());
            }
        }
        for (int definition : machine.definitions()) {
            if (slots.containsKey(definition)) {
                renamed.computeIfAbsent(definition, _ -> fresh());
            }
        }
        block.add(machine.map(register -> renamed.getOrDefault(register, register)), item.position());
        for (int definition : machine.definitions()) {
            if (slots.containsKey(definition)) {
                int source = renamed.getOrDefault(definition, definition);
                block.add(new Machine.StoreSlot(8, slot(definition), 0, source), item.position());
            }
        }
    }
}
