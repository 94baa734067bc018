package net.sniproxy.bpf.compiler;

import java.nio.ByteOrder;
import java.util.Map;
import net.sniproxy.bpf.spec.MapSpec;

/**
 * What a compilation depends on besides the class files.
 *
 * @param byteOrder of the machine that will run the programs
 * @param version4 whether instructions of instruction set v4 (Linux 6.6) may be used
 * @param constants values for {@code static final} fields, by {@code package.Class.FIELD}; booleans are 0 and 1
 * @param mapEntries numbers of entries, by map name, instead of those of the annotations
 * @param kernelTypes where fields of kernel structs are looked up
 * @param sources where the text of source lines comes from
 * @param trace is shown every function after every stage
 */
public record CompileOptions(
        ByteOrder byteOrder,
        boolean version4,
        Map<String, Long> constants,
        Map<String, Integer> mapEntries,
        KernelTypes kernelTypes,
        SourceText sources,
        Trace trace) {

    public CompileOptions {
        constants = Map.copyOf(constants);
        mapEntries = Map.copyOf(mapEntries);
    }

    /** The map with as many entries as these options give it. */
    MapSpec sized(MapSpec map) {
        return map.withMaxEntries(mapEntries.getOrDefault(map.name(), map.maxEntries()));
    }

    /** For this machine, instruction set v3, no constants, and no kernel structs. */
    public static CompileOptions defaults() {
        return new CompileOptions(
                ByteOrder.nativeOrder(),
                false,
                Map.of(),
                Map.of(),
                KernelTypes.none(),
                SourceText.none(),
                Trace.none());
    }

    /** The same for a machine of another byte order. */
    public CompileOptions withByteOrder(ByteOrder order) {
        return new CompileOptions(order, version4, constants, mapEntries, kernelTypes, sources, trace);
    }

    /** The same with or without instruction set v4. */
    public CompileOptions withVersion4(boolean allowed) {
        return new CompileOptions(byteOrder, allowed, constants, mapEntries, kernelTypes, sources, trace);
    }

    /** The same with these values for {@code static final} fields. */
    public CompileOptions withConstants(Map<String, Long> values) {
        return new CompileOptions(byteOrder, version4, values, mapEntries, kernelTypes, sources, trace);
    }

    /** The same with these numbers of map entries. */
    public CompileOptions withMapEntries(Map<String, Integer> entries) {
        return new CompileOptions(byteOrder, version4, constants, entries, kernelTypes, sources, trace);
    }

    /** The same with the structs of a kernel. */
    public CompileOptions withKernelTypes(KernelTypes types) {
        return new CompileOptions(byteOrder, version4, constants, mapEntries, types, sources, trace);
    }

    /** The same with source text. */
    public CompileOptions withSources(SourceText text) {
        return new CompileOptions(byteOrder, version4, constants, mapEntries, kernelTypes, text, trace);
    }

    /** The same with a watcher. */
    public CompileOptions withTrace(Trace watcher) {
        return new CompileOptions(byteOrder, version4, constants, mapEntries, kernelTypes, sources, watcher);
    }
}
