package net.sniproxy.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Precompiled;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.bpf.spec.ObjectSpec;

/**
 * Compiles and loads the kernel programs of all functions, such that maps of one name are one map: what one program counts
 * another one sees. The owner of everything it has loaded. Loads on one thread at a time; what is loaded can be looked at on any.
 */
public final class LoadedPrograms implements AutoCloseable {
    private final Kernel kernel;
    private final CompileOptions compilation;
    private final List<LoadedObject> objects = new CopyOnWriteArrayList<>();

    /** @param compilation with the numbers of map entries that the configuration asks for */
    public LoadedPrograms(Kernel kernel, CompileOptions compilation) {
        this.kernel = kernel;
        this.compilation = compilation;
        // Beside the reading of programs, which comes next.
        kernel.calls().prepare();
    }

    /** The kernel that they run in. */
    public Kernel kernel() {
        return kernel;
    }

    /** The maps of what is loaded, by name; of those of one name the one that was loaded last. */
    public Map<String, BpfMap> maps() {
        Map<String, BpfMap> maps = new HashMap<>();
        objects.forEach(object -> maps.putAll(object.maps()));
        return maps;
    }

    /** Every map of this name that loaded programs use: more than one where the earlier ones did not know of a shared one. */
    public List<BpfMap> all(String name) {
        return objects.stream()
                .flatMap(object -> Stream.ofNullable(object.maps().get(name)))
                .distinct()
                .toList();
    }

    /** What the kernel says of the loaded programs now, those of {@link #loadApart} aside. */
    public List<ProgramInfo> programs() {
        return objects.stream()
                .flatMap(object -> object.programs().values().stream())
                .map(Program::info)
                .toList();
    }

    /**
     * Loads the programs of these classes; a failure leaves what was loaded before in place.
     *
     * @return stays this object's
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public LoadedObject load(Class<?>... programClasses) {
        return load(Map.of(), programClasses);
    }

    /**
     * As {@link #load(Class[])}, with maps that are there already, by name.
     *
     * @param given are used instead of others of their names; they keep their owner, who closes them after {@link #unload}
     * @return stays this object's
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public LoadedObject load(Map<String, BpfMap> given, Class<?>... programClasses) {
        Map<String, BpfMap> shared = maps();
        shared.putAll(given);
        LoadedObject object = load(compilation, shared, programClasses);
        objects.add(object);
        return object;
    }

    /** Closes an object and forgets its maps, so that nothing that is loaded later uses them. */
    public void unload(LoadedObject object) {
        objects.remove(object);
        object.close();
    }

    /**
     * Loads another copy of programs, which keeps some maps to itself and shares the others with the first.
     *
     * @param first what {@link #load} gave for the same programs
     * @param own the names of the maps that it keeps to itself
     * @param entries how many entries these have, where that differs from what the configuration asks for
     * @return the caller's to close
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public LoadedObject loadApart(
            LoadedObject first, Set<String> own, Map<String, Integer> entries, Class<?>... programClasses) {
        Map<String, Integer> sizes = new HashMap<>(compilation.mapEntries());
        sizes.putAll(entries);
        Map<String, BpfMap> shared = new HashMap<>(first.maps());
        shared.keySet().removeAll(own);
        return load(compilation.withMapEntries(sizes), shared, programClasses);
    }

    private LoadedObject load(CompileOptions options, Map<String, BpfMap> shared, Class<?>... programClasses) {
        ObjectSpec spec = Precompiled.compile(options, programClasses);
        LoadOptions sharing = LoadOptions.defaults();
        for (Map.Entry<String, BpfMap> map : shared.entrySet()) {
            sharing = sharing.withSharedMap(map.getKey(), map.getValue());
        }
        return LoadedObject.load(kernel, spec, sharing);
    }

    /** Closes programs and maps; what is attached by links of their own or pinned goes on. */
    @Override
    public void close() {
        objects.reversed().forEach(LoadedObject::close);
        objects.clear();
    }
}
