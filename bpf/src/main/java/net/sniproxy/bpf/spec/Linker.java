package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.BpfAssemblyException;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.spec.LinkedProgram.FunctionStart;

/** Puts the functions of a program one after the other and resolves the calls between them. */
final class Linker {
    private final ProgramSpec program;
    private final Map<String, FunctionStart> starts = new LinkedHashMap<>();
    private final List<Code> parts = new ArrayList<>();
    private final List<SourceLine> lines = new ArrayList<>();

    private Linker(ProgramSpec program) {
        this.program = program;
    }

    static LinkedProgram link(ProgramSpec program) {
        Linker linker = new Linker(program);
        linker.placeFunctions();
        for (FunctionStart start : linker.starts.values()) {
            linker.append(start);
        }
        return new LinkedProgram(Code.join(linker.parts), List.copyOf(linker.starts.values()), linker.lines);
    }

    private void placeFunctions() {
        int slot = 0;
        for (FunctionSpec function : program.functions()) {
            if (starts.putIfAbsent(function.name(), new FunctionStart(slot, function)) != null) {
                throw new BpfAssemblyException("program " + program.name() + " has two functions " + function.name());
            }
            slot += function.code().slots();
        }
    }

    /** A call counts from the slot after it; the address of a function counts from the first slot after the call too. */
    private void append(FunctionStart start) {
        Code code = start.function().code();
        parts.add(code.withFunctions((function, slot) -> slotOf(function) - (start.slot() + slot) - 1));
        for (SourceLine line : start.function().lines()) {
            lines.add(line.shiftedBy(start.slot()));
        }
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
