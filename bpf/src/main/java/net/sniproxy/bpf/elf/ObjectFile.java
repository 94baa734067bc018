package net.sniproxy.bpf.elf;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.InstructionEncoder;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.elf.ElfFile.RelocatedSection;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;

/**
 * Writes an object as the ELF file that {@code clang -target bpf} would make of the same programs, so that libbpf,
 * bpftool and other loaders take it. The same object gives the same bytes.
 */
public final class ObjectFile {
    private static final String LICENSE = "license";
    private static final int CODE_FLAGS = ElfFile.SHF_ALLOC | ElfFile.SHF_EXECINSTR;
    private static final int DATA_FLAGS = ElfFile.SHF_ALLOC | ElfFile.SHF_WRITE;

    private final ObjectSpec object;
    private final CodeSection text = new CodeSection(CodeSection.TEXT);
    private final Map<String, CodeSection.Placed> globals = new HashMap<>();
    private final Map<String, CodeSection> programSections = new LinkedHashMap<>();

    private ObjectFile(ObjectSpec object) {
        this.object = object;
        object.programs().forEach(this::place);
    }

    /**
     * The file for machines of a byte order.
     *
     * @throws IllegalArgumentException if programs differ in their license or in a global function of one name, libbpf
     *     has no section name for a type of program and its attachment, or a program loads the address of a map's value
     */
    public static byte[] write(ObjectSpec object, ByteOrder order) {
        return new ObjectFile(object).encode(order);
    }

    /**
     * Programs go to the section of their type; what they call goes to {@code .text}: static functions for each program
     * anew, a global one once.
     */
    private void place(ProgramSpec program) {
        CodeSection section = programSections.computeIfAbsent(SectionNames.of(program), CodeSection::new);
        Map<String, ElfSymbol> callees = new HashMap<>();
        List<FunctionSpec> functions = program.functions();
        FunctionSpec main = functions.getFirst();
        callees.put(
                main.name(), section.add(main, program.name(), true, callees).symbol());
        for (FunctionSpec function : functions.subList(1, functions.size())) {
            CodeSection.Placed placed = function.global()
                    ? placeGlobal(function, callees)
                    : text.add(function, function.name(), false, callees);
            callees.put(function.name(), placed.symbol());
        }
    }

    private CodeSection.Placed placeGlobal(FunctionSpec function, Map<String, ElfSymbol> callees) {
        CodeSection.Placed placed =
                globals.computeIfAbsent(function.name(), name -> text.add(function, name, true, callees));
        if (!placed.function().equals(function)) {
            throw new IllegalArgumentException("two programs have different global functions " + function.name()
                    + ", but a global symbol stands once in an object file: rename one");
        }
        return placed;
    }

    private byte[] encode(ByteOrder order) {
        BtfBuilder btf = new BtfBuilder();
        BtfExtension extension = new BtfExtension();
        MapSection maps = new MapSection(btf, object.maps());
        List<CodeSection> code = codeSections();
        code.forEach(section -> extension.add(section, btf));

        ElfFile file = new ElfFile(order);
        List<RelocatedSection> relocated = new ArrayList<>();
        for (CodeSection section : code) {
            List<ElfRelocation> relocations = section.relocations(maps.symbols());
            file.addSection(section.name(), CODE_FLAGS, 8, InstructionEncoder.encode(section.instructions(), order));
            section.functions().forEach(placed -> file.addSymbol(placed.symbol()));
            if (!relocations.isEmpty()) {
                relocated.add(new RelocatedSection(section.name(), relocations));
            }
        }
        if (!code.isEmpty()) {
            addLicense(file);
        }
        if (!object.maps().isEmpty()) {
            file.addSection(MapSection.NAME, DATA_FLAGS, 8, new byte[maps.size()]);
            maps.symbols().values().forEach(file::addSymbol);
        }
        file.addSection(".BTF", 0, 4, btf.build().encode(order));
        file.addSection(BtfExtension.NAME, 0, 4, extension.encode(order));
        return file.write(relocated);
    }

    private List<CodeSection> codeSections() {
        List<CodeSection> sections = new ArrayList<>();
        if (!text.functions().isEmpty()) {
            sections.add(text);
        }
        sections.addAll(programSections.values());
        return sections;
    }

    private void addLicense(ElfFile file) {
        List<String> licenses =
                object.programs().stream().map(ProgramSpec::license).distinct().toList();
        if (licenses.size() > 1) {
            throw new IllegalArgumentException("an object file has one license, but its programs have " + licenses);
        }
        byte[] license = (licenses.getFirst() + "\0").getBytes(StandardCharsets.UTF_8);
        file.addSection(LICENSE, DATA_FLAGS, 1, license);
        // Local: of a global variable the linker of bpftool wants a type.
        file.addSymbol(new ElfSymbol("_license", ElfSymbol.Kind.OBJECT, LICENSE, 0, license.length, false));
    }
}
