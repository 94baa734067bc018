package net.sniproxy.proxy.datapath.splice;

import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.kernel.TcSplice;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.DataPath;

/** The packet splice as a whole: the loaded program, its maps, the interfaces, the thread that reads its events. */
public final class SpliceService implements AutoCloseable {
    private final LoadedObject object;
    private final Interfaces interfaces;
    private final LiveSplices live;
    private final DataPath path;

    private SpliceService(LoadedObject object, Interfaces interfaces, LiveSplices live, DataPath path) {
        this.object = object;
        this.interfaces = interfaces;
        this.live = live;
        this.path = path;
    }

    /**
     * Compiles and loads the program; attaches it to nothing yet.
     *
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static SpliceService start(Kernel kernel, EbpfConfig.Splice config) {
        LoadedObject object = LoadedObject.load(kernel, compile(config));
        Interfaces interfaces = null;
        try {
            interfaces = new Interfaces(kernel, object.program("tc_splice"), config.interfaces());
            LiveSplices live = new LiveSplices(kernel, object.map("SPLICE_EVENTS"), new Resets(kernel));
            SplicePath path = new SplicePath(kernel, new SpliceTables(object), interfaces, live);
            return new SpliceService(object, interfaces, live, path);
        } catch (RuntimeException e) {
            if (interfaces != null) {
                interfaces.close();
            }
            object.close();
            throw e;
        }
    }

    private static ObjectSpec compile(EbpfConfig.Splice config) {
        Map<String, Integer> entries = Map.of(
                "FLOWS", 2 * config.maxFlows(), "SPLICES", config.maxFlows(), "CONNECTION_STATS", config.maxFlows());
        return Compiler.compile(CompileOptions.defaults().withMapEntries(entries), TcSplice.class);
    }

    /** What connections ask. */
    public DataPath path() {
        return path;
    }

    /** Detaches the program and removes the maps. */
    @Override
    public void close() {
        interfaces.close();
        live.close();
        object.close();
    }
}
