package net.sniproxy.bpf.load;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import net.sniproxy.bpf.Kernel;
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
 * Makes the maps of an object and loads its programs, everything side by side: a program begins once the maps that it uses are
 * there. For one load.
 */
final class ObjectLoader {
    private final Kernel kernel;
    private final ObjectSpec spec;
    private final LoadOptions options;
    private final LoadedObject object;
    private final List<LinkedSpec> programs = new ArrayList<>();
    private final Map<String, FutureTask<BpfMap>> maps = new LinkedHashMap<>();
    private final TypesOfMaps types;
    private Optional<Btf> kernelTypes = Optional.empty();

    /** A program and its instructions in one piece. */
    record LinkedSpec(ProgramSpec spec, LinkedProgram linked) {}

    /** @param object becomes the owner of all that is made, also if something else fails */
    ObjectLoader(Kernel kernel, ObjectSpec spec, LoadOptions options, LoadedObject object) {
        this.kernel = kernel;
        this.spec = spec;
        this.options = options;
        this.object = object;
        for (ProgramSpec program : spec.programs()) {
            programs.add(new LinkedSpec(program, program.link()));
        }
        this.types = new TypesOfMaps(spec.maps());
    }

    /** Returns when everything is there, or all has ended that was begun. */
    void load() {
        try (LoadedTypes btf = LoadedTypes.load(kernel, types.build(), "types of maps")) {
            MapLoader loader = new MapLoader(kernel, options);
            for (MapSpec map : mapsInOrder()) {
                maps.put(map.name(), new FutureTask<>(() -> make(map, loader, btf)));
            }
            List<Future<?>> begun = new ArrayList<>(maps.values());
            Tasks.beginInOrder(maps.values());
            for (LinkedSpec program : programs) {
                FutureTask<Program> task = new FutureTask<>(() -> load(program));
                Tasks.begin(task);
                begun.add(task);
            }
            Tasks.awaitAll(begun);
        }
    }

    /** The longest program takes the verifier longest: the maps that it waits for come first, large ones before small ones. */
    private Collection<MapSpec> mapsInOrder() {
        List<LinkedSpec> longestFirst = new ArrayList<>(programs);
        longestFirst.sort((a, b) ->
                Integer.compare(b.linked().code().slots(), a.linked().code().slots()));
        List<MapSpec> largestFirst = new ArrayList<>(spec.maps());
        largestFirst.sort((a, b) -> Integer.compareUnsigned(b.maxEntries(), a.maxEntries()));
        Map<String, MapSpec> ordered = new LinkedHashMap<>();
        for (LinkedSpec program : longestFirst) {
            Set<String> used = program.linked().code().mapNames();
            for (MapSpec map : largestFirst) {
                if (used.contains(map.name())) {
                    ordered.put(map.name(), map);
                }
            }
        }
        for (MapSpec map : largestFirst) {
            ordered.put(map.name(), map);
        }
        return ordered.values();
    }

    private BpfMap make(MapSpec map, MapLoader loader, LoadedTypes btf) {
        BpfMap shared = options.sharedMaps().get(map.name());
        return shared != null
                ? object.use(map.name(), shared)
                : object.own(map.name(), loader.load(map, types.of(map.name(), btf)));
    }

    private Program load(LinkedSpec program) {
        TypesOfProgram own = new TypesOfProgram(program.linked());
        try (LoadedTypes btf = LoadedTypes.load(
                kernel, own.build(), "types of " + program.spec().name())) {
            LoadRequest request = LoadRequest.of(
                    program.spec(), program.linked(), this::descriptor, attachId(program.spec()), own.debugInfo(btf));
            return object.own(request.name(), Program.load(kernel, request, options.verifierLog()));
        }
    }

    /** Waits for the map. An object's programs use no others: the spec has made sure. */
    private int descriptor(String map) {
        return Tasks.await(Objects.requireNonNull(maps.get(map), map))
                .descriptor()
                .number();
    }

    /** The id of what a program is attached to by name, in the kernel's own types. */
    private int attachId(ProgramSpec program) {
        if (program.attachTarget().isEmpty()) {
            return 0;
        }
        String target = program.attachTarget().orElseThrow();
        Btf btf = kernelTypes();
        boolean tracepoint = program.attachType().equals(Optional.of(AttachType.TRACE_RAW_TP));
        return (tracepoint ? btf.tracepointId(target) : btf.functionId(target))
                .orElseThrow(() -> new IllegalStateException("program " + program.name() + ": this kernel has no "
                        + (tracepoint ? "tracepoint " : "function ") + target));
    }

    /** Read once, and only if a program asks: five megabytes. */
    private synchronized Btf kernelTypes() {
        Btf btf = kernelTypes.orElseGet(options.kernelTypes());
        kernelTypes = Optional.of(btf);
        return btf;
    }
}
