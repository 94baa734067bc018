package net.sniproxy.proxy.datapath.splice;

import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.DataPath;

/** The packet splice as a whole: the interfaces that have the program, and the thread that reads its events. */
public final class SpliceService implements AutoCloseable {
    /** The program's name. */
    public static final String PROGRAM = "tc_splice";

    private final Interfaces interfaces;
    private final LiveSplices live;
    private final DataPath path;

    private SpliceService(Interfaces interfaces, LiveSplices live, DataPath path) {
        this.interfaces = interfaces;
        this.live = live;
        this.path = path;
    }

    /**
     * Starts it; attaches the program to nothing yet.
     *
     * @param object holds {@link net.sniproxy.kernel.TcSplice} and its maps; stays the caller's and outlives this
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static SpliceService start(Kernel kernel, LoadedObject object, EbpfConfig.Splice config) {
        Interfaces interfaces = new Interfaces(kernel, object.program(PROGRAM), config.interfaces());
        try {
            LiveSplices live = new LiveSplices(kernel, object.map("SPLICE_EVENTS"), new Resets(kernel));
            return new SpliceService(
                    interfaces, live, new SplicePath(kernel, new SpliceTables(object), interfaces, live));
        } catch (RuntimeException e) {
            interfaces.close();
            throw e;
        }
    }

    /** What connections ask. */
    public DataPath path() {
        return path;
    }

    /** Detaches the program and stops the thread. */
    @Override
    public void close() {
        interfaces.close();
        live.close();
    }
}
