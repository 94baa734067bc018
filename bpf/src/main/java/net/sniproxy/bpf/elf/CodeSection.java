package net.sniproxy.bpf.elf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.CallLocal;
import net.sniproxy.bpf.asm.Instruction.LoadFunction;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptor;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import net.sniproxy.bpf.asm.InstructionEncoder;
import net.sniproxy.bpf.spec.FunctionSpec;

/**
 * A section of code: functions one after the other. {@code .text} holds the functions that programs call, any other
 * section holds programs.
 */
final class CodeSection {
    static final String TEXT = ".text";

    /** In a relocated call: the loader adds the distance to the start of the function. */
    private static final int TO_START_OF_FUNCTION = -1;

    private final String name;
    private final List<Placed> functions = new ArrayList<>();
    private int slots;

    /**
     * A function in its section.
     *
     * @param slot    the slot of the section at which it starts
     * @param callees symbols of all functions of its program, which it may call, by their names
     */
    record Placed(int slot, FunctionSpec function, ElfSymbol symbol, Map<String, ElfSymbol> callees) {}

    CodeSection(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    List<Placed> functions() {
        return functions;
    }

    /** Appends a function; {@code callees} may still grow. */
    Placed add(FunctionSpec function, String symbolName, boolean global, Map<String, ElfSymbol> callees) {
        int size = function.code().slots();
        ElfSymbol symbol = new ElfSymbol(symbolName, ElfSymbol.Kind.FUNCTION, name, bytes(slots), bytes(size), global);
        Placed placed = new Placed(slots, function, symbol, callees);
        functions.add(placed);
        slots += size;
        return placed;
    }

    /** All instructions, with the fields that the loader fills in left as it wants them. */
    List<Instruction> instructions() {
        List<Instruction> instructions = new ArrayList<>();
        for (Placed placed : functions) {
            for (Instruction instruction : placed.function().instructions()) {
                instructions.add(forLoader(instruction));
            }
        }
        return instructions;
    }

    private static Instruction forLoader(Instruction instruction) {
        return switch (instruction) {
            case LoadMap(var destination, var _) -> new LoadMapDescriptor(destination, 0);
            case LoadNamedFunction(var destination, var _) -> new LoadFunction(destination, 0);
            case CallFunction _ -> new CallLocal(TO_START_OF_FUNCTION);
            default -> instruction;
        };
    }

    /** The instructions that name a map or a function. */
    List<ElfRelocation> relocations(Map<String, ElfSymbol> maps) {
        List<ElfRelocation> relocations = new ArrayList<>();
        for (Placed placed : functions) {
            int slot = placed.slot();
            for (Instruction instruction : placed.function().instructions()) {
                if (instruction instanceof Instruction.Symbolic symbolic) {
                    relocations.add(relocation(symbolic, bytes(slot), maps, placed.callees()));
                }
                slot += instruction.slots();
            }
        }
        return relocations;
    }

    private static ElfRelocation relocation(
            Instruction.Symbolic instruction,
            long offset,
            Map<String, ElfSymbol> maps,
            Map<String, ElfSymbol> callees) {
        return switch (instruction) {
            case LoadMap _ -> new ElfRelocation(offset, symbol(maps, instruction), ElfRelocation.Kind.WIDE_LOAD);
            case LoadMapValue(var _, var map, var _) ->
                throw new IllegalArgumentException("the address of a value of map " + map
                        + " cannot be loaded from an object file: libbpf knows it for its own data sections only;"
                        + " look the value up");
            case LoadNamedFunction _ ->
                new ElfRelocation(offset, symbol(callees, instruction), ElfRelocation.Kind.WIDE_LOAD);
            case CallFunction _ -> new ElfRelocation(offset, symbol(callees, instruction), ElfRelocation.Kind.CALL);
        };
    }

    private static ElfSymbol symbol(Map<String, ElfSymbol> symbols, Instruction.Symbolic instruction) {
        ElfSymbol symbol = symbols.get(instruction.symbol());
        if (symbol == null) {
            throw new IllegalArgumentException(
                    "nothing is named " + instruction.symbol() + ", only " + symbols.keySet());
        }
        return symbol;
    }

    private static int bytes(int slots) {
        return slots * InstructionEncoder.SLOT_BYTES;
    }
}
