package net.sniproxy.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.CallLocal;
import net.sniproxy.bpf.asm.Instruction.LoadFunction;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptor;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptorValue;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import org.jspecify.annotations.Nullable;

/**
 * Encoded instructions in which maps and functions may still be named, like a section of an object file with its relocations:
 * linking and loading fill numbers in and take nothing apart. Immutable, and the same for both byte orders.
 */
public final class Code {
    /** What takes the place of the name of a function. */
    @FunctionalInterface
    public interface Distance {
        /** How many slots the function starts behind the slot after this one. */
        int of(String function, int slot);
    }

    private final long[] slots;
    private final NavigableMap<Integer, String> names;

    private Code(long[] slots, NavigableMap<Integer, String> names) {
        this.slots = slots;
        this.names = names;
    }

    /** The code of instructions. */
    public static Code of(List<? extends Instruction> instructions) {
        long[] slots = new long[InstructionEncoder.slots(instructions)];
        NavigableMap<Integer, String> names = new TreeMap<>();
        int at = 0;
        for (Instruction instruction : instructions) {
            if (instruction instanceof Instruction.Symbolic symbolic) {
                names.put(at, symbolic.symbol());
            }
            Instruction unnamed = unnamed(instruction);
            slots[at++] = SlotEncoder.firstSlot(unnamed).packed();
            if (unnamed instanceof Instruction.WideLoad wide) {
                slots[at++] = SlotEncoder.secondSlot(wide).packed();
            }
        }
        return new Code(slots, names);
    }

    /**
     * The code that has these {@link #packed} slots and {@link #names}. It is not looked at: what is not an instruction is found by
     * {@link #instructions}, or by the verifier.
     *
     * @throws IllegalArgumentException if there is a name for a slot that does not exist
     */
    public static Code of(long[] packed, Map<Integer, String> names) {
        for (int slot : names.keySet()) {
            if (slot < 0 || slot >= packed.length) {
                throw new IllegalArgumentException("a name for slot " + slot + " of " + packed.length);
            }
        }
        return new Code(packed.clone(), new TreeMap<>(names));
    }

    /** One behind the other. */
    public static Code join(List<Code> parts) {
        int length = 0;
        for (Code part : parts) {
            length += part.slots.length;
        }
        long[] slots = new long[length];
        NavigableMap<Integer, String> names = new TreeMap<>();
        int at = 0;
        for (Code part : parts) {
            System.arraycopy(part.slots, 0, slots, at, part.slots.length);
            for (Map.Entry<Integer, String> name : part.names.entrySet()) {
                names.put(at + name.getKey(), name.getValue());
            }
            at += part.slots.length;
        }
        return new Code(slots, names);
    }

    /** How many 8-byte slots it takes. */
    public int slots() {
        return slots.length;
    }

    /** Each slot as the number that little-endian machines read: opcode in the lowest byte, immediate in the upper half. */
    public long[] packed() {
        return slots.clone();
    }

    /** Names of maps and functions by the slots that refer to them, ascending. */
    public Map<Integer, String> names() {
        return Collections.unmodifiableMap(names);
    }

    /** Names of maps in the order of their first use. */
    public Set<String> mapNames() {
        Set<String> maps = new LinkedHashSet<>();
        for (Map.Entry<Integer, String> name : names.entrySet()) {
            if (!refersToFunction(name.getKey())) {
                maps.add(name.getValue());
            }
        }
        return maps;
    }

    /** The same code with distances in place of the names of functions. */
    public Code withFunctions(Distance distance) {
        return resolved(true, distance);
    }

    /** The same code with descriptors in place of the names of maps. */
    public Code withMaps(ToIntFunction<String> descriptors) {
        return resolved(false, (map, _) -> descriptors.applyAsInt(map));
    }

    private Code resolved(boolean functions, Distance numbers) {
        long[] resolved = slots.clone();
        NavigableMap<Integer, String> unresolved = new TreeMap<>();
        for (Map.Entry<Integer, String> name : names.entrySet()) {
            int slot = name.getKey();
            if (refersToFunction(slot) == functions) {
                resolved[slot] = Slot.withImmediate(slots[slot], numbers.of(name.getValue(), slot));
            } else {
                unresolved.put(slot, name.getValue());
            }
        }
        return new Code(resolved, unresolved);
    }

    private boolean refersToFunction(int slot) {
        Slot referring = Slot.ofPacked(slots[slot]);
        return referring.opcode() != Opcodes.LD_IMM64 || referring.source() == Opcodes.PSEUDO_FUNC;
    }

    /**
     * The bytes that the kernel loads.
     *
     * @throws BpfAssemblyException if something is still named
     */
    public byte[] encode(ByteOrder order) {
        if (!names.isEmpty()) {
            Map.Entry<Integer, String> first = names.firstEntry();
            throw new BpfAssemblyException(
                    "slot " + first.getKey() + " has no encoding before " + first.getValue() + " is resolved");
        }
        return bytes(order);
    }

    private byte[] bytes(ByteOrder order) {
        ByteBuffer buffer = ByteBuffer.allocate(slots.length * InstructionEncoder.SLOT_BYTES)
                .order(order);
        for (long slot : slots) {
            Slot.ofPacked(slot).write(buffer);
        }
        return buffer.array();
    }

    /**
     * The instructions, those that refer to a name by it.
     *
     * @throws BpfAssemblyException if a slot is no instruction, or one that cannot refer to a name has one
     */
    public List<Instruction> instructions() {
        List<Instruction> instructions = new ArrayList<>();
        int slot = 0;
        for (Instruction instruction :
                InstructionDecoder.decode(bytes(ByteOrder.nativeOrder()), ByteOrder.nativeOrder())) {
            String name = names.get(slot);
            instructions.add(name == null ? instruction : named(instruction, name));
            slot += instruction.slots();
        }
        return List.copyOf(instructions);
    }

    private static Instruction named(Instruction instruction, String name) {
        return switch (instruction) {
            case LoadMapDescriptor(var destination, var _) -> new LoadMap(destination, name);
            case LoadMapDescriptorValue(var destination, var _, var offset) ->
                new LoadMapValue(destination, name, offset);
            case LoadFunction(var destination, var _) -> new LoadNamedFunction(destination, name);
            case CallLocal _ -> new CallFunction(name);
            default -> throw new BpfAssemblyException(Disassembler.text(instruction) + " cannot refer to " + name);
        };
    }

    private static Instruction unnamed(Instruction instruction) {
        return switch (instruction) {
            case LoadMap(var destination, var _) -> new LoadMapDescriptor(destination, 0);
            case LoadMapValue(var destination, var _, var offset) -> new LoadMapDescriptorValue(destination, 0, offset);
            case LoadNamedFunction(var destination, var _) -> new LoadFunction(destination, 0);
            case CallFunction _ -> new CallLocal(0);
            default -> instruction;
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Code code && Arrays.equals(slots, code.slots) && names.equals(code.names);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(slots) + names.hashCode();
    }

    /** The listing. */
    @Override
    public String toString() {
        return Disassembler.listing(instructions());
    }
}
