package net.sniproxy.bpf.load;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.ObjectSpec;

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
     * Loads an object: its maps and programs side by side, each program once the maps that it uses are there. If one
     * of them fails, what was made before is closed again.
     *
     * @throws net.sniproxy.bpf.VerifierException if the verifier rejects a program
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses for another reason
     * @throws IllegalStateException if a pinned map does not fit the spec
     */
    public static LoadedObject load(Kernel kernel, ObjectSpec spec, LoadOptions options) {
        LoadedObject object = new LoadedObject();
        try {
            new ObjectLoader(kernel, spec, options, object).load();
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

    /** Takes a map in that keeps its owner. */
    synchronized BpfMap use(String name, BpfMap map) {
        maps.put(name, map);
        return map;
    }

    /** Becomes the owner of a map. */
    synchronized BpfMap own(String name, BpfMap map) {
        owned.push(map);
        return use(name, map);
    }

    /** Becomes the owner of a program. */
    synchronized Program own(String name, Program program) {
        owned.push(program);
        programs.put(name, program);
        return program;
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
}
