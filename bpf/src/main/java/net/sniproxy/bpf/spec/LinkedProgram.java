package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptor;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptorValue;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.SourceLine;

/**
 * All functions of a program in one list, as the kernel wants them.
 *
 * @param instructions the program, then its functions; only maps are symbolic
 * @param functions    where each function starts, by ascending slots; the first is at 0
 * @param lines        source lines by ascending slots of the whole program
 */
public record LinkedProgram(List<Instruction> instructions, List<FunctionStart> functions, List<SourceLine> lines) {

    /** A function and its first slot. */
    public record FunctionStart(int slot, FunctionSpec function) {}

    public LinkedProgram {
        instructions = List.copyOf(instructions);
        functions = List.copyOf(functions);
        lines = List.copyOf(lines);
    }

    /** Names of the maps that the program uses, in the order of their first use. */
    public Set<String> mapNames() {
        Set<String> names = new LinkedHashSet<>();
        for (Instruction instruction : instructions) {
            if (instruction instanceof LoadMap(var _, var name)) {
                names.add(name);
            } else if (instruction instanceof LoadMapValue(var _, var name, var _)) {
                names.add(name);
            }
        }
        return names;
    }

    /** The instructions with the descriptors of the maps in place of their names: ready to be encoded and loaded. */
    public List<Instruction> withMaps(ToIntFunction<String> descriptors) {
        List<Instruction> resolved = new ArrayList<>(instructions.size());
        for (Instruction instruction : instructions) {
            resolved.add(withMap(instruction, descriptors));
        }
        return List.copyOf(resolved);
    }

    private static Instruction withMap(Instruction instruction, ToIntFunction<String> descriptors) {
        if (instruction instanceof LoadMap(var destination, var name)) {
            return new LoadMapDescriptor(destination, descriptors.applyAsInt(name));
        }
        if (instruction instanceof LoadMapValue(var destination, var name, var offset)) {
            return new LoadMapDescriptorValue(destination, descriptors.applyAsInt(name), offset);
        }
        return instruction;
    }
}
