package net.sniproxy.proxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** Closes programs and maps; what is attached by links of their own or pinned goes on. */
    @Override
    public void close() {
        objects.reversed().forEach(LoadedObject::close);
        objects.clear();
        maps.clear();
    }
}
