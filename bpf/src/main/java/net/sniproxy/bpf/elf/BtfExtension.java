package net.sniproxy.bpf.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.asm.InstructionEncoder;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.spec.FunctionTypes;

/**
 * The section {@code .BTF.ext}: where the functions and the source lines of each code section are. Offsets of
 * instructions are in bytes here, not in slots as in the kernel.
 */
final class BtfExtension {
    static final String NAME = ".BTF.ext";

    private static final int MAGIC = 0xeb9f;
    private static final int HEADER_BYTES = 24;
    private static final int FUNCTION_WORDS = 2;
    private static final int LINE_WORDS = 4;

    private final List<Integer> functionWords = new ArrayList<>();
    private final List<Integer> lineWords = new ArrayList<>();

    /** Adds the functions and lines of a section, and their types and strings to BTF. */
    void add(CodeSection section, BtfBuilder btf) {
        int name = btf.string(section.name());
        List<Integer> functions = new ArrayList<>();
        List<Integer> lines = new ArrayList<>();
        for (CodeSection.Placed placed : section.functions()) {
            int type = FunctionTypes.add(btf, placed.function(), placed.symbol().global());
            functions.addAll(List.of(placed.slot() * InstructionEncoder.SLOT_BYTES, type));
            for (SourceLine line : placed.function().lines()) {
                lines.addAll(List.of(
                        (placed.slot() + line.slot()) * InstructionEncoder.SLOT_BYTES,
                        btf.string(line.file()),
                        btf.string(line.text()),
                        line.lineAndColumn()));
            }
        }
        append(functionWords, name, functions, FUNCTION_WORDS);
        append(lineWords, name, lines, LINE_WORDS);
    }

    private static void append(List<Integer> words, int section, List<Integer> records, int recordWords) {
        if (!records.isEmpty()) {
            // The size of a record stands in front of all, but not of nothing: libbpf refuses a part without records.
            if (words.isEmpty()) {
                words.add(4 * recordWords);
            }
            words.addAll(List.of(section, records.size() / recordWords));
            words.addAll(records);
        }
    }

    byte[] encode(ByteOrder order) {
        int functionBytes = 4 * functionWords.size();
        int lineBytes = 4 * lineWords.size();
        ByteBuffer buffer =
                ByteBuffer.allocate(HEADER_BYTES + functionBytes + lineBytes).order(order);
        buffer.putShort((short) MAGIC).put((byte) 1).put((byte) 0).putInt(HEADER_BYTES);
        buffer.putInt(0).putInt(functionBytes).putInt(functionBytes).putInt(lineBytes);
        functionWords.forEach(buffer::putInt);
        lineWords.forEach(buffer::putInt);
        return buffer.array();
    }
}
