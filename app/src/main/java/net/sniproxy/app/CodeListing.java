package net.sniproxy.app;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.SourceLine;

/** Instructions, each stretch of them below the Java line that it comes from. */
final class CodeListing {
    /** How far instructions are indented: Java lines begin at the margin. */
    private static final String INDENT = "    ";
    /** Where remarks begin, if the instruction leaves room. */
    private static final int REMARK_COLUMN = 44;

    private CodeListing() {}

    /**
     * The listing.
     *
     * @param remarks what is said beside the instruction in a slot; empty for nothing
     */
    static String of(List<Instruction> instructions, List<SourceLine> lines, IntFunction<String> remarks) {
        Map<Integer, SourceLine> starts = new HashMap<>();
        lines.forEach(line -> starts.put(line.slot(), line));
        StringBuilder listing = new StringBuilder();
        int slot = 0;
        for (Instruction instruction : instructions) {
            SourceLine line = starts.get(slot);
            if (line != null) {
                listing.append("; ").append(place(line)).append('\n');
            }
            String code = INDENT + slot + ": " + Disassembler.text(instruction);
            listing.append(withRemark(code, remarks.apply(slot))).append('\n');
            slot += instruction.slots();
        }
        return listing.toString();
    }

    private static String withRemark(String code, String remark) {
        return remark.isEmpty() ? code : code + " ".repeat(Math.max(2, REMARK_COLUMN - code.length())) + remark;
    }

    private static String place(SourceLine line) {
        if (line.line() == 0) {
            return line.text();
        }
        String where = line.file() + ":" + line.line();
        return line.text().isEmpty() ? where : where + "  " + line.text();
    }
}
