package net.sniproxy.proxy.datapath.splice;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.kernel.TcSplice;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.DataPath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packet splice as a whole: the maps and the program, the interfaces that have it, the thread that reads its events, and
 * what outlives the process.
 */
public final class SpliceService implements AutoCloseable {
    /** The program's name. */
    public static final String PROGRAM = "tc_splice";

    private static final Logger LOG = LoggerFactory.getLogger(SpliceService.class);

    private final Parts parts;
    private final SplicePins pins;
    private final BpfMap notes;
    private final LiveSplices live;
    private final DataPath path;
    private final List<AdoptableConnection> left;

    /** @param parts has what is begun here, also if this fails */
    private SpliceService(Parts parts, LoadedPrograms programs, EbpfConfig.Splice config) {
        Kernel kernel = programs.kernel();
        this.parts = parts;
        pins = SplicePins.open(kernel, config.pin());
        parts.begun(pins::close);
        Map<String, BpfMap> earlier = pins.maps();
        LoadedObject object = programs.load(earlier, TcSplice.class);
        parts.begun(() -> programs.unload(object));
        notes = Optional.ofNullable(earlier.get(SpliceNotes.MAP))
                .orElseGet(() -> SpliceNotes.create(kernel, config.maxFlows()));
        parts.begun(notes::close);
        tellRoom(config);
        Map<String, BpfMap> maps = new HashMap<>(object.maps());
        maps.put(SpliceNotes.MAP, notes);
        SpliceTables tables = new SpliceTables(object);
        live = new LiveSplices(kernel, object.map("SPLICE_EVENTS"), tables, new SpliceNotes(notes, pins));
        parts.begun(live::close);
        Interfaces interfaces = new Interfaces(kernel, object.program(PROGRAM), config.interfaces(), pins, maps);
        parts.begun(interfaces::close);
        interfaces.adopt(pins.links());
        left = new Adoption(tables, live).run();
        path = new SplicePath(kernel, tables, interfaces, live);
    }

    private void tellRoom(EbpfConfig.Splice config) {
        if (room() != config.maxFlows()) {
            LOG.warn(
                    "splice: the tables of an earlier process, which go on, have room for {} connections;"
                            + " ebpf.splice.max_flows: {} counts after a stop that leaves none, or after `sni-proxy detach`",
                    room(),
                    config.maxFlows());
        }
    }

    /**
     * Starts it; attaches the program to nothing yet, except where an earlier process left its own attached.
     *
     * @param programs loads the program; outlives this
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it; what an earlier process left goes on
     */
    public static SpliceService start(LoadedPrograms programs, EbpfConfig.Splice config) {
        Parts parts = new Parts();
        try {
            return new SpliceService(parts, programs, config);
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Removes everything that an earlier process left in the kernel, in this network namespace.
     *
     * @param pin as in {@link EbpfConfig.Splice#pin}
     * @return what was removed
     * @throws IllegalStateException if a running proxy uses it
     */
    public static List<String> detach(Kernel kernel, Path pin) {
        return SplicePins.detach(kernel, pin);
    }

    /**
     * How many connections there is room for: as many as the configuration says, or as it said when the tables were made that an
     * earlier process left.
     */
    public int room() {
        return notes.info().maxEntries();
    }

    /** What connections ask. */
    public DataPath path() {
        return path;
    }

    /** The connections that an earlier process left; to be adopted once. */
    public List<AdoptableConnection> left() {
        return left;
    }

    /** Stops the thread. Detaches the program and removes the pins, unless connections go on. */
    @Override
    public void close() {
        try (parts) {
            live.close();
            int going = live.survive() ? live.count() : 0;
            if (going > 0) {
                LOG.info(
                        "splice: {} connections go on in the kernel; the next start adopts them, `sni-proxy detach` ends them",
                        going);
            } else {
                pins.removeAll();
            }
        }
    }
}
