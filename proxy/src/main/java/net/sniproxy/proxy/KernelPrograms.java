package net.sniproxy.proxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.spec.ObjectSpec;

/**
 * Compiles and loads the kernel programs of all functions, such that maps of one name are one map: what one program counts
 * another one sees. The owner of everything it has loaded. For one thread.
 */
public final class KernelPrograms implements AutoCloseable {
    private final Kernel kernel;
    private final CompileOptions compilation;
    private final List<LoadedObject> objects = new ArrayList<>();
    private final Map<String, BpfMap> maps = new HashMap<>();

    /** @param compilation with the numbers of map entries that the configuration asks for */
    public KernelPrograms(Kernel kernel, CompileOptions compilation) {
        this.kernel = kernel;
        this.compilation = compilation;
    }

    /** The kernel that they run in. */
    public Kernel kernel() {
        return kernel;
    }

    /** Lets the programs that are loaded from now on use a map that is there; it keeps its owner. */
    public void share(String name, BpfMap map) {
        maps.put(name, map);
    }

    /**
     * Loads the programs of these classes; a failure leaves what was loaded before in place.
     *
     * @return stays this object's
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public LoadedObject load(Class<?>... programClasses) {
        ObjectSpec spec = Compiler.compile(compilation, programClasses);
        LoadOptions options = LoadOptions.defaults();
        for (Map.Entry<String, BpfMap> map : maps.entrySet()) {
            options = options.withSharedMap(map.getKey(), map.getValue());
        }
        LoadedObject object = LoadedObject.load(kernel, spec, options);
        objects.add(object);
        maps.putAll(object.maps());
        return object;
    }

    /**
     * Loads another copy of programs, which keeps some maps to itself and shares the others with everything loaded before.
     *
     * @param own the names of the maps that it keeps to itself
     * @param entries how many entries these have, where that differs from what the configuration asks for
     * @return the caller's to close
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public LoadedObject loadApart(Set<String> own, Map<String, Integer> entries, Class<?>... programClasses) {
        Map<String, Integer> sizes = new HashMap<>(compilation.mapEntries());
        sizes.putAll(entries);
        ObjectSpec spec = Compiler.compile(compilation.withMapEntries(sizes), programClasses);
        LoadOptions options = LoadOptions.defaults();
        for (Map.Entry<String, BpfMap> map : maps.entrySet()) {
            if (!own.contains(map.getKey())) {
                options = options.withSharedMap(map.getKey(), map.getValue());
            }
        }
        return LoadedObject.load(kernel, spec, options);
    }

    /** Closes programs and maps; what is attached by links of their own or pinned goes on. */
    @Override
    public void close() {
        objects.reversed().forEach(LoadedObject::close);
        objects.clear();
        maps.clear();
    }
}
