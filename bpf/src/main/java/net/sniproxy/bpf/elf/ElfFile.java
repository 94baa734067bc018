package net.sniproxy.bpf.elf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes relocatable 64-bit ELF files for eBPF: sections, symbols, relocations. Not for use by several threads. */
final class ElfFile {
    static final int SHT_PROGBITS = 1;
    static final int SHT_SYMTAB = 2;
    static final int SHT_STRTAB = 3;
    static final int SHT_REL = 9;

    static final int SHF_WRITE = 1;
    static final int SHF_ALLOC = 2;
    static final int SHF_EXECINSTR = 4;
    static final int SHF_INFO_LINK = 0x40;

    private static final int HEADER_BYTES = 64;
    private static final int SECTION_HEADER_BYTES = 64;
    private static final int SYMBOL_BYTES = 24;
    private static final int RELOCATION_BYTES = 16;
    private static final short ET_REL = 1;
    private static final short EM_BPF = 247;
    private static final String SYMBOL_TABLE = ".symtab";
    private static final String STRING_TABLE = ".strtab";

    private final ByteOrder order;
    private final List<Section> sections = new ArrayList<>();
    private final List<ElfSymbol> symbols = new ArrayList<>();

    /** {@code link} and {@code info} mean what the type of the section says. */
    private record Section(
            String name, int type, long flags, int link, int info, int alignment, int entryBytes, byte[] content) {}

    ElfFile(ByteOrder order) {
        this.order = order;
    }

    void addSection(String name, long flags, int alignment, byte[] content) {
        sections.add(new Section(name, SHT_PROGBITS, flags, 0, 0, alignment, 0, content));
    }

    void addSymbol(ElfSymbol symbol) {
        symbols.add(symbol);
    }

    /** The whole file; {@code relocations} are of one section each, all of whose symbols were added. */
    byte[] write(List<RelocatedSection> relocations) {
        List<ElfSymbol> sorted =
                symbols.stream().sorted(Comparator.comparing(ElfSymbol::global)).toList();
        StringTable names = new StringTable();
        List<Section> all = new ArrayList<>(sections);
        int symbolTable = sections.size() + relocations.size() + 1;
        for (RelocatedSection relocated : relocations) {
            all.add(new Section(
                    ".rel" + relocated.section(),
                    SHT_REL,
                    SHF_INFO_LINK,
                    symbolTable,
                    sectionIndex(relocated.section()),
                    8,
                    RELOCATION_BYTES,
                    relocationTable(relocated.relocations(), sorted)));
        }
        int firstGlobal =
                1 + (int) sorted.stream().filter(symbol -> !symbol.global()).count();
        byte[] table = symbolTable(sorted, names);
        all.add(new Section(SYMBOL_TABLE, SHT_SYMTAB, 0, symbolTable + 1, firstGlobal, 8, SYMBOL_BYTES, table));
        for (Section section : all) {
            names.offset(section.name());
        }
        names.offset(STRING_TABLE);
        all.add(new Section(STRING_TABLE, SHT_STRTAB, 0, 0, 0, 1, 0, names.bytes()));
        return image(all, names);
    }

    /** The relocations of a section. */
    record RelocatedSection(String section, List<ElfRelocation> relocations) {}

    private byte[] image(List<Section> all, StringTable names) {
        long[] offsets = new long[all.size()];
        long end = HEADER_BYTES;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = align(end, all.get(i).alignment());
            end = offsets[i] + all.get(i).content().length;
        }
        long headers = align(end, 8);
        int size = Math.toIntExact(headers + (long) SECTION_HEADER_BYTES * (all.size() + 1));
        ByteBuffer file = ByteBuffer.allocate(size).order(order);
        fileHeader(file, headers, all.size() + 1);
        for (int i = 0; i < offsets.length; i++) {
            file.put((int) offsets[i], all.get(i).content());
        }
        // The first section header stands for "no section" and stays zero.
        file.position((int) headers + SECTION_HEADER_BYTES);
        for (int i = 0; i < offsets.length; i++) {
            sectionHeader(file, all.get(i), names.offset(all.get(i).name()), offsets[i]);
        }
        return file.array();
    }

    private void fileHeader(ByteBuffer file, long sectionHeaders, int sectionCount) {
        int data = order == ByteOrder.LITTLE_ENDIAN ? 1 : 2;
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, (byte) data, 1}).position(16);
        file.putShort(ET_REL).putShort(EM_BPF).putInt(1);
        file.putLong(0).putLong(0).putLong(sectionHeaders);
        file.putInt(0).putShort((short) HEADER_BYTES).putShort((short) 0).putShort((short) 0);
        file.putShort((short) SECTION_HEADER_BYTES).putShort((short) sectionCount);
        file.putShort((short) (sectionCount - 1));
    }

    private static void sectionHeader(ByteBuffer file, Section section, int name, long offset) {
        file.putInt(name).putInt(section.type()).putLong(section.flags());
        file.putLong(0).putLong(offset).putLong(section.content().length);
        file.putInt(section.link()).putInt(section.info());
        file.putLong(section.alignment()).putLong(section.entryBytes());
    }

    private byte[] symbolTable(List<ElfSymbol> sorted, StringTable names) {
        ByteBuffer table =
                ByteBuffer.allocate(SYMBOL_BYTES * (sorted.size() + 1)).order(order);
        table.position(SYMBOL_BYTES);
        for (ElfSymbol symbol : sorted) {
            int binding = symbol.global() ? 1 : 0;
            table.putInt(names.offset(symbol.name()));
            table.put((byte) (binding << 4 | symbol.kind().number())).put((byte) 0);
            table.putShort((short) sectionIndex(symbol.section()));
            table.putLong(symbol.value()).putLong(symbol.size());
        }
        return table.array();
    }

    private byte[] relocationTable(List<ElfRelocation> relocations, List<ElfSymbol> sorted) {
        ByteBuffer table =
                ByteBuffer.allocate(RELOCATION_BYTES * relocations.size()).order(order);
        for (ElfRelocation relocation : relocations) {
            long symbol = sorted.indexOf(relocation.symbol()) + 1;
            table.putLong(relocation.offset());
            table.putLong(symbol << 32 | relocation.kind().number());
        }
        return table.array();
    }

    private int sectionIndex(String name) {
        int index = IntStream.range(0, sections.size())
                .filter(i -> sections.get(i).name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no section " + name));
        return index + 1;
    }

    private static long align(long offset, int alignment) {
        return offset + alignment - 1 & -alignment;
    }

    /** Names of sections and symbols, each once. */
    private static final class StringTable {
        private final Map<String, Integer> offsets = new HashMap<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        StringTable() {
            offset("");
        }

        int offset(String name) {
            return offsets.computeIfAbsent(name, added -> {
                int offset = bytes.size();
                bytes.writeBytes(added.getBytes(StandardCharsets.UTF_8));
                bytes.write(0);
                return offset;
            });
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
