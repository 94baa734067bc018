package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Turns the fields of objects whose address goes nowhere into values: small records cost nothing. */
final class StackPromotion {
    private final Function function;
    private final Map<Value, List<Value>> users;
    private final Set<Value> unsuitable = new HashSet<>();
    /** What reads or writes an object, by block, in the order of the code. */
    private final Map<Value, Map<Block, List<Value>>> accesses = new HashMap<>();
    /** Loads, and the values that they give. */
    private final Map<Value, Value> replacements = new HashMap<>();

    private record Field(int offset, int size) {
        boolean overlaps(Field other) {
            return offset < other.offset + other.size && other.offset < offset + size;
        }
    }

    private StackPromotion(Function function) {
        this.function = function;
        this.users = function.users();
    }

    static boolean run(Function function) {
        StackPromotion promotion = new StackPromotion(function);
        List<Block> blocks = function.reversePostorder();
        for (Block block : blocks) {
            promotion.unsuitable.addAll(block.terminator().uses());
            promotion.noteAccesses(block);
        }
        boolean changed = false;
        for (Map.Entry<Value, List<Value>> entry : promotion.users.entrySet()) {
            if (entry.getKey().op() instanceof Op.StackAddress) {
                changed |= promotion.promote(entry.getKey(), entry.getValue());
            }
        }
        function.substitute(promotion.replacements);
        return changed;
    }

    private void noteAccesses(Block block) {
        for (Value instruction : block.instructions()) {
            if (!instruction.arguments().isEmpty() && instruction.argument(0).op() instanceof Op.StackAddress) {
                accesses.computeIfAbsent(instruction.argument(0), _ -> new LinkedHashMap<>())
                        .computeIfAbsent(block, _ -> new ArrayList<>())
                        .add(instruction);
            }
        }
    }

    private boolean promote(Value slot, List<Value> slotUsers) {
        if (unsuitable.contains(slot) || !slotUsers.stream().allMatch(user -> isAccess(user, slot))) {
            return false;
        }
        Map<Field, Type> fields = new LinkedHashMap<>();
        for (Value user : slotUsers) {
            field(user).ifPresent(field -> fields.putIfAbsent(field, typeOf(user, field)));
        }
        List<Field> list = new ArrayList<>(fields.keySet());
        for (Field field : list) {
            if (list.stream().anyMatch(other -> other != field && other.overlaps(field))) {
                return false;
            }
        }
        Map<Block, List<Value>> byBlock = accesses.getOrDefault(slot, Map.of());
        fields.forEach((field, type) -> promoteField(slot, field, type, byBlock));
        byBlock.forEach((block, instructions) -> block.instructions().removeIf(i -> {
            // What was a load and now widens or narrows the value stays.
            boolean converts = i.op() instanceof Op.Extend || i.op() instanceof Op.Truncate;
            return instructions.contains(i) && (replacements.containsKey(i) || !converts);
        }));
        return true;
    }

    private static boolean isAccess(Value user, Value slot) {
        return switch (user.op()) {
            case Op.Load _, Op.Clear _ -> true;
            case Op.Store _ -> user.argument(1) != slot;
            default -> false;
        };
    }

    private static java.util.Optional<Field> field(Value user) {
        return switch (user.op()) {
            case Op.Load(int size, boolean _, int offset) -> java.util.Optional.of(new Field(offset, size));
            case Op.Store(int size, int offset) -> java.util.Optional.of(new Field(offset, size));
            default -> java.util.Optional.empty();
        };
    }

    private static Type typeOf(Value user, Field field) {
        if (field.size < 8) {
            return Type.I32;
        }
        return user.op() instanceof Op.Load ? user.type() : user.argument(1).type();
    }

    private void promoteField(Value slot, Field field, Type type, Map<Block, List<Value>> byBlock) {
        SsaUpdater updater = new SsaUpdater(function, type);
        byBlock.forEach((block, instructions) -> {
            for (Value instruction : instructions) {
                if (assigns(instruction, slot, field)) {
                    updater.define(block, assigned(instruction, type));
                }
            }
        });
        byBlock.forEach((block, instructions) -> replaceLoads(block, instructions, slot, field, type, updater));
    }

    private static boolean assigns(Value instruction, Value slot, Field field) {
        return switch (instruction.op()) {
            case Op.Clear _ -> instruction.argument(0) == slot;
            case Op.Store(int size, int offset) ->
                instruction.argument(0) == slot && offset == field.offset && size == field.size;
            default -> false;
        };
    }

    private Value assigned(Value instruction, Type type) {
        return instruction.op() instanceof Op.Store ? instruction.argument(1) : function.constant(type, 0);
    }

    private void replaceLoads(
            Block block, List<Value> instructions, Value slot, Field field, Type type, SsaUpdater updater) {
        Value current = null;
        for (Value instruction : instructions) {
            if (assigns(instruction, slot, field)) {
                current = assigned(instruction, type);
            } else if (instruction.op() instanceof Op.Load(int size, boolean signed, int offset)
                    && instruction.argument(0) == slot
                    && offset == field.offset
                    && size == field.size) {
                if (current == null) {
                    current = updater.valueAtEntry(block);
                }
                replaceLoad(instruction, current, signed);
            }
        }
    }

    private void replaceLoad(Value load, Value current, boolean signed) {
        int bits = load.op() instanceof Op.Load(int size, boolean _, int _) ? size * 8 : 0;
        if (bits == 64 || bits == 32 && load.type() == Type.I32 && current.type() == Type.I32) {
            replacements.put(load, current);
        } else if (load.type() == Type.I32 && current.type() == Type.I64) {
            // A long was stored into a narrower field, and its low bits are read.
            load.become(new Op.Truncate(), List.of(current));
        } else {
            load.become(new Op.Extend(bits, signed), List.of(current));
        }
    }
}
