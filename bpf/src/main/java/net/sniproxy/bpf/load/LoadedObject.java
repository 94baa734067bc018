package net.sniproxy.bpf.load;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.LoadRequest;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.LinkedProgram;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;

/**
 * An object in the kernel: the owner of the maps and programs of an {@link ObjectSpec}. Closing it closes them all;
 * what is pinned or attached stays in the kernel.
 */
public final class LoadedObject implements AutoCloseable {
    private final Map<String, BpfMap> maps = new HashMap<>();
    private final Map<String, Program> programs = new HashMap<>();
    private final Deque<KernelObject> owned = new ArrayDeque<>();

    private LoadedObject() {}

    /**
     * Loads an object: its BTF, its maps side by side, then its programs side by side. If one of them fails, what was made before is closed again.
     *
     * @throws net.sniproxy.bpf.VerifierException if the verifier rejects a program
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses for another reason
     * @throws IllegalStateException if a pinned map does not fit the spec
     */
    public static LoadedObject load(Kernel kernel, ObjectSpec spec, LoadOptions options) {
        LoadedObject object = new LoadedObject();
        try {
            object.fill(kernel, spec, options);
            return object;
        } catch (RuntimeException | Error failure) {
            object.close();
            throw failure;
        }
    }

    /** Loads an object with {@link LoadOptions#defaults()}. */
    public static LoadedObject load(Kernel kernel, ObjectSpec spec) {
        return load(kernel, spec, LoadOptions.defaults());
    }

    private void fill(Kernel kernel, ObjectSpec spec, LoadOptions options) {
        KernelTypes kernelTypes = KernelTypes.reading(spec, options);
        List<LinkedSpec> linked = spec.programs().stream()
                .map(program -> new LinkedSpec(program, program.link()))
                .toList();
        ObjectTypes types = new ObjectTypes(spec, linked);
        try (LoadedTypes btf = LoadedTypes.load(kernel, types.build(), "types of " + name(spec))) {
            loadMaps(kernel, spec, options, types, btf);
            List<Runnable> loads = new ArrayList<>();
            for (LinkedSpec program : longestFirst(linked)) {
                loads.add(() -> {
                    LoadRequest request = LoadRequest.of(
                            program.spec(),
                            program.code(),
                            name -> map(name).descriptor().number(),
                            kernelTypes.attachId(program.spec()),
                            types.ofProgram(program.spec().name(), btf.number()));
                    own(request.name(), Program.load(kernel, request, options.verifierLog()));
                });
            }
            Tasks.runAll(loads);
        }
    }

    /** The short ones fill the gaps, and wait for the kernel's types if they must. */
    private static List<LinkedSpec> longestFirst(List<LinkedSpec> programs) {
        List<LinkedSpec> sorted = new ArrayList<>(programs);
        sorted.sort((a, b) -> Integer.compare(b.length(), a.length()));
        return sorted;
    }

    private void loadMaps(Kernel kernel, ObjectSpec spec, LoadOptions options, ObjectTypes types, LoadedTypes btf) {
        MapLoader loader = new MapLoader(kernel, options);
        List<Runnable> loads = new ArrayList<>();
        for (MapSpec map : spec.maps()) {
            BpfMap shared = options.sharedMaps().get(map.name());
            if (shared != null) {
                maps.put(map.name(), shared);
            } else {
                loads.add(() -> own(map.name(), loader.load(map, types.ofMap(map.name(), btf.number()))));
            }
        }
        Tasks.runAll(loads);
    }

    private synchronized void own(String name, BpfMap map) {
        owned.push(map);
        maps.put(name, map);
    }

    private synchronized void own(String name, Program program) {
        owned.push(program);
        programs.put(name, program);
    }

    private static String name(ObjectSpec spec) {
        return spec.programs().isEmpty()
                ? "object without programs"
                : "object with " + spec.programs().getFirst().name();
    }

    /**
     * The map of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public BpfMap map(String name) {
        return Optional.ofNullable(maps.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no map " + name + " among " + maps.keySet()));
    }

    /**
     * The program of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Program program(String name) {
        return Optional.ofNullable(programs.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no program " + name + " among " + programs.keySet()));
    }

    /** The maps by name. */
    public Map<String, BpfMap> maps() {
        return Map.copyOf(maps);
    }

    /** The programs by name. */
    public Map<String, Program> programs() {
        return Map.copyOf(programs);
    }

    /** Closes programs and maps, except for shared maps. A second call does nothing. */
    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
    }

    /** A program and its instructions in one piece. */
    record LinkedSpec(ProgramSpec spec, LinkedProgram code) {
        int length() {
            return code.instructions().size();
        }
    }

    /** Finds what programs are attached to by name; reads the kernel's types once, and only if one is. */
    private record KernelTypes(Supplier<Btf> types) {
        /** Begins to read them, which takes as long as making the maps. */
        static KernelTypes reading(ObjectSpec spec, LoadOptions options) {
            for (ProgramSpec program : spec.programs()) {
                if (program.attachTarget().isPresent()) {
                    return new KernelTypes(Tasks.begin(options.kernelTypes()));
                }
            }
            return new KernelTypes(options.kernelTypes());
        }

        int attachId(ProgramSpec program) {
            if (program.attachTarget().isEmpty()) {
                return 0;
            }
            String target = program.attachTarget().orElseThrow();
            Btf btf = types.get();
            boolean tracepoint = program.attachType().equals(Optional.of(AttachType.TRACE_RAW_TP));
            return (tracepoint ? btf.tracepointId(target) : btf.functionId(target))
                    .orElseThrow(() -> new IllegalStateException("program " + program.name() + ": this kernel has no "
                            + (tracepoint ? "tracepoint " : "function ") + target));
        }
    }
}
