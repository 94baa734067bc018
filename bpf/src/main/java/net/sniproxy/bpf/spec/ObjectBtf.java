package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.BtfType;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.spec.LinkedProgram.FunctionStart;

/**
 * The BTF of maps and programs, which follows from their specs, and the ids and records that loading them needs.
 *
 * @param btf      types and strings
 * @param maps     type ids by the name of the map
 * @param programs function and line records by the name of the program
 */
public record ObjectBtf(Btf btf, Map<String, MapTypes> maps, Map<String, ProgramInfo> programs) {

    /** Type ids of a map's keys and values; 0 for a map without. */
    public record MapTypes(int key, int value) {}

    /** A {@code struct bpf_func_info}: a function starts at this slot. */
    public record FunctionInfo(int slot, int type) {}

    /**
     * A {@code struct bpf_line_info}: the instructions from this slot on come from this line.
     *
     * @param fileOffset offset of the file's name among the strings
     * @param textOffset offset of the line's text among the strings
     */
    public record LineInfo(int slot, int fileOffset, int textOffset, int line, int column) {
        /** Line and column in one word, as the kernel keeps them. */
        public int lineAndColumn() {
            return line << 10 | Math.min(column, SourceLine.MAX_COLUMN);
        }
    }

    /** What the kernel is told about the functions and lines of a program; slots count from its start. */
    public record ProgramInfo(List<FunctionInfo> functions, List<LineInfo> lines) {
        public ProgramInfo {
            functions = List.copyOf(functions);
            lines = List.copyOf(lines);
        }
    }

    public ObjectBtf {
        maps = Map.copyOf(maps);
        programs = Map.copyOf(programs);
    }

    /** The BTF of an object. */
    public static ObjectBtf of(ObjectSpec object) {
        return of(object.maps(), object.programs());
    }

    /** The BTF of maps and programs. */
    public static ObjectBtf of(List<MapSpec> maps, List<ProgramSpec> programs) {
        BtfBuilder builder = new BtfBuilder();
        Map<String, MapTypes> mapTypes = new LinkedHashMap<>();
        for (MapSpec map : maps) {
            mapTypes.put(map.name(), new MapTypes(typeId(builder, map.key()), typeId(builder, map.value())));
        }
        Map<String, ProgramInfo> programInfo = new LinkedHashMap<>();
        for (ProgramSpec program : programs) {
            programInfo.put(program.name(), describe(builder, program.link()));
        }
        return new ObjectBtf(builder.build(), mapTypes, programInfo);
    }

    private static ProgramInfo describe(BtfBuilder builder, LinkedProgram program) {
        List<FunctionInfo> functions = new ArrayList<>();
        for (FunctionStart start : program.functions()) {
            BtfType.Linkage linkage = start.slot() == 0 ? BtfType.Linkage.GLOBAL : BtfType.Linkage.STATIC;
            functions.add(new FunctionInfo(start.slot(), functionType(builder, start.function(), linkage)));
        }
        List<LineInfo> lines = new ArrayList<>();
        for (SourceLine line : program.lines()) {
            lines.add(lineInfo(builder, line));
        }
        return new ProgramInfo(functions, lines);
    }

    /** Adds a function and its prototype to a BTF that is being built; gives the function's id. */
    public static int functionType(BtfBuilder builder, FunctionSpec function, BtfType.Linkage linkage) {
        Prototype prototype = function.prototype();
        List<BtfType.Parameter> parameters = new ArrayList<>();
        for (Prototype.Parameter parameter : prototype.parameters()) {
            parameters.add(new BtfType.Parameter(parameter.name(), LayoutTypes.add(builder, parameter.type())));
        }
        int type = builder.add(new BtfType.FunctionPrototype(typeId(builder, prototype.result()), parameters));
        return builder.add(new BtfType.Function(function.name(), type, linkage));
    }

    /** Adds the strings of a source line to a BTF that is being built. */
    public static LineInfo lineInfo(BtfBuilder builder, SourceLine line) {
        return new LineInfo(
                line.slot(), builder.string(line.file()), builder.string(line.text()), line.line(), line.column());
    }

    private static int typeId(BtfBuilder builder, Optional<DataLayout> layout) {
        return layout.map(present -> LayoutTypes.add(builder, present)).orElse(BtfBuilder.VOID);
    }
}
