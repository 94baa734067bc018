package net.sniproxy.bpf.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.program.DebugInfo;
import net.sniproxy.bpf.spec.FunctionTypes;
import net.sniproxy.bpf.spec.LinkedProgram;
import net.sniproxy.bpf.spec.LinkedProgram.FunctionStart;

/** The types of a program's functions and the text of its source lines, in a BTF of its own. */
final class TypesOfProgram {
    private static final int FUNCTION_RECORD = 8;
    private static final int LINE_RECORD = 16;

    private final BtfBuilder builder = new BtfBuilder();
    private final byte[] functions;
    private final byte[] lines;

    TypesOfProgram(LinkedProgram program) {
        functions = functions(program);
        lines = lines(program);
    }

    Btf build() {
        return builder.build();
    }

    /** The functions and lines for BPF_PROG_LOAD. */
    DebugInfo debugInfo(LoadedTypes btf) {
        return new DebugInfo(btf.number(), functions, lines);
    }

    private byte[] functions(LinkedProgram program) {
        ByteBuffer records = records(program.functions().size() * FUNCTION_RECORD);
        for (FunctionStart start : program.functions()) {
            // The verifier checks global functions apart from their callers.
            boolean global = start.slot() == 0 || start.function().global();
            int type = FunctionTypes.add(builder, start.function(), global);
            records.putInt(start.slot()).putInt(type);
        }
        return records.array();
    }

    private byte[] lines(LinkedProgram program) {
        ByteBuffer records = records(program.lines().size() * LINE_RECORD);
        for (SourceLine line : program.lines()) {
            records.putInt(line.slot())
                    .putInt(builder.string(line.file()))
                    .putInt(builder.string(line.text()))
                    .putInt(line.lineAndColumn());
        }
        return records.array();
    }

    private static ByteBuffer records(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }
}
