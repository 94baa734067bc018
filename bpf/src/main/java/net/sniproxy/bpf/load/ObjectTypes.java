package net.sniproxy.bpf.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.map.MapTypes;
import net.sniproxy.bpf.program.DebugInfo;
import net.sniproxy.bpf.spec.FunctionTypes;
import net.sniproxy.bpf.spec.LinkedProgram;
import net.sniproxy.bpf.spec.LinkedProgram.FunctionStart;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;

/**
 * The types of an object's maps and functions, and the source lines of its programs, in one BTF. Everything must be
 * added before it is built, since a loaded BTF does not change.
 */
final class ObjectTypes {
    private static final int FUNCTION_RECORD = 8;
    private static final int LINE_RECORD = 16;

    /** Ids of a map's types. */
    private record KeyAndValue(int key, int value) {}

    /** The records of a program, in the form that the kernel reads. */
    private record Records(byte[] functions, byte[] lines) {}

    private final BtfBuilder builder = new BtfBuilder();
    private final Map<String, KeyAndValue> maps = new HashMap<>();
    private final Map<String, Records> programs = new HashMap<>();

    ObjectTypes(ObjectSpec object, List<LoadedObject.LinkedSpec> linked) {
        // The kernel refuses BTF without a type, which an object of ring buffers alone would have.
        id(IntegerLayout.U32);
        for (MapSpec map : object.maps()) {
            if (hasTypes(map)) {
                maps.put(
                        map.name(),
                        new KeyAndValue(
                                id(map.key().orElseThrow()), id(map.value().orElseThrow())));
            }
        }
        for (LoadedObject.LinkedSpec program : linked) {
            programs.put(program.spec().name(), new Records(functions(program.code()), lines(program.code())));
        }
    }

    Btf build() {
        return builder.build();
    }

    /** The types of a map for BPF_MAP_CREATE; none for a map that has no BTF. */
    MapTypes ofMap(String name, int btf) {
        KeyAndValue ids = maps.get(name);
        return ids == null ? MapTypes.NONE : new MapTypes(btf, ids.key(), ids.value());
    }

    /** The functions and lines of a program for BPF_PROG_LOAD. */
    DebugInfo ofProgram(String name, int btf) {
        Records records = programs.get(name);
        return records == null ? DebugInfo.NONE : new DebugInfo(btf, records.functions(), records.lines());
    }

    // The kernel refuses BTF for socket maps and ring buffers, and asks for certain kinds of keys in others.
    private static boolean hasTypes(MapSpec map) {
        if (map.key().isEmpty() || map.type().ofSockets()) {
            return false;
        }
        DataLayout key = map.key().orElseThrow();
        return switch (map.type()) {
            case LPM_TRIE -> key instanceof StructLayout;
            case ARRAY, PERCPU_ARRAY, SK_STORAGE -> key instanceof IntegerLayout;
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> true;
            case SOCKMAP, SOCKHASH, RINGBUF -> false;
        };
    }

    private int id(DataLayout layout) {
        return LayoutTypes.add(builder, layout);
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
