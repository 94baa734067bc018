package net.sniproxy.bpf.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** An ELF file as the ELF specification says, read without the code that wrote it. */
record ParsedElf(Map<String, byte[]> sections, Map<String, Symbol> symbols) {
    /** The fields of a symbol that do not depend on the order of the table. */
    record Symbol(int info, int section, long value, long size) {}

    static ParsedElf parse(byte[] bytes) {
        ByteOrder order = bytes[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        ByteBuffer file = ByteBuffer.wrap(bytes).order(order);
        int headers = (int) file.getLong(40);
        int count = file.getShort(60);
        int names = sectionOffset(file, headers, file.getShort(62));
        Map<String, byte[]> sections = new LinkedHashMap<>();
        for (int i = 1; i < count; i++) {
            int header = headers + 64 * i;
            byte[] content = new byte[(int) file.getLong(header + 32)];
            file.get(sectionOffset(file, headers, i), content);
            sections.put(string(bytes, names + file.getInt(header)), content);
        }
        return new ParsedElf(sections, symbols(sections, order));
    }

    private static Map<String, Symbol> symbols(Map<String, byte[]> sections, ByteOrder order) {
        ByteBuffer table = ByteBuffer.wrap(sections.get(".symtab")).order(order);
        Map<String, Symbol> symbols = new TreeMap<>();
        for (int at = 24; at < table.capacity(); at += 24) {
            Symbol symbol = new Symbol(
                    table.get(at + 4), table.getShort(at + 6), table.getLong(at + 8), table.getLong(at + 16));
            symbols.put(string(sections.get(".strtab"), table.getInt(at)), symbol);
        }
        return symbols;
    }

    private static int sectionOffset(ByteBuffer file, int headers, int index) {
        return (int) file.getLong(headers + 64 * index + 24);
    }

    private static String string(byte[] bytes, int start) {
        int end = start;
        while (bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
    }
}
