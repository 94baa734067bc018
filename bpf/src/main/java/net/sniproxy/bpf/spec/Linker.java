package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.BpfAssemblyException;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.CallLocal;
import net.sniproxy.bpf.asm.Instruction.LoadFunction;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import net.sniproxy.bpf.asm.InstructionEncoder;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.spec.LinkedProgram.FunctionStart;

/** Puts the functions of a program one after the other and resolves the calls between them. */
final class Linker {
    private final ProgramSpec program;
    private final Map<String, FunctionStart> starts = new LinkedHashMap<>();
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<SourceLine> lines = new ArrayList<>();

    private Linker(ProgramSpec program) {
        this.program = program;
    }

    static LinkedProgram link(ProgramSpec program) {
        Linker linker = new Linker(program);
        linker.placeFunctions();
        linker.starts.values().forEach(linker::append);
        return new LinkedProgram(linker.instructions, List.copyOf(linker.starts.values()), linker.lines);
    }

    private void placeFunctions() {
        int slot = 0;
        for (FunctionSpec function : program.functions()) {
            if (starts.putIfAbsent(function.name(), new FunctionStart(slot, function)) != null) {
                throw new BpfAssemblyException("program " + program.name() + " has two functions " + function.name());
            }
            slot += InstructionEncoder.slots(function.instructions());
        }
    }

    private void append(FunctionStart start) {
        int slot = start.slot();
        for (Instruction instruction : start.function().instructions()) {
            instructions.add(resolve(instruction, slot));
            slot += instruction.slots();
        }
        for (SourceLine line : start.function().lines()) {
            lines.add(line.shiftedBy(start.slot()));
        }
    }

    /** A call counts from the slot after it; the address of a function counts from the first slot after the call too. */
    private Instruction resolve(Instruction instruction, int slot) {
        if (instruction instanceof CallFunction(var name)) {
            return new CallLocal(slotOf(name) - slot - 1);
        }
        if (instruction instanceof LoadNamedFunction(var destination, var name)) {
            return new LoadFunction(destination, slotOf(name) - slot - 1);
        }
        return instruction;
    }

    private int slotOf(String function) {
        FunctionStart start = starts.get(function);
        if (start == null) {
            throw new BpfAssemblyException("program " + program.name() + " calls " + function
                    + ", which is not among its functions " + starts.keySet());
        }
        return start.slot();
    }
}
