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

    private final SplicePins pins;
    private final BpfMap notes;
    private final Interfaces interfaces;
    private final LiveSplices live;
    private final DataPath path;
    private final List<AdoptableConnection> left;

    private SpliceService(
            SplicePins pins,
            BpfMap notes,
            Interfaces interfaces,
            LiveSplices live,
            DataPath path,
            List<AdoptableConnection> left) {
        this.pins = pins;
        this.notes = notes;
        this.interfaces = interfaces;
        this.live = live;
        this.path = path;
        this.left = left;
    }

    /**
     * Starts it; attaches the program to nothing yet, except where an earlier process left its own attached.
     *
     * @param programs loads the program; outlives this
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static SpliceService start(LoadedPrograms programs, EbpfConfig.Splice config) {
        SplicePins pins = SplicePins.open(programs.kernel(), config.pin());
        try {
            pins.maps().forEach(programs::share);
            return start(programs.kernel(), programs.load(TcSplice.class), config, pins);
        } catch (RuntimeException e) {
            pins.close();
            throw e;
        }
    }

    private static SpliceService start(Kernel kernel, LoadedObject object, EbpfConfig.Splice config, SplicePins pins) {
        BpfMap notes = Optional.ofNullable(pins.maps().get(SpliceNotes.MAP))
                .orElseGet(() -> SpliceNotes.create(kernel, config.maxFlows()));
        if (notes.info().maxEntries() != config.maxFlows()) {
            LOG.warn(
                    "splice: the tables of an earlier process, which go on, have room for {} connections;"
                            + " ebpf.splice.max_flows: {} counts after a stop that leaves none, or after `sni-proxy detach`",
                    notes.info().maxEntries(),
                    config.maxFlows());
        }
        Map<String, BpfMap> maps = new HashMap<>(object.maps());
        maps.put(SpliceNotes.MAP, notes);
        Interfaces interfaces = new Interfaces(kernel, object.program(PROGRAM), config.interfaces(), pins, maps);
        try {
            interfaces.adopt(pins.links());
            SpliceTables tables = new SpliceTables(object);
            LiveSplices live =
                    new LiveSplices(kernel, object.map("SPLICE_EVENTS"), tables, new SpliceNotes(notes, pins));
            return adopting(kernel, pins, notes, interfaces, tables, live);
        } catch (RuntimeException e) {
            interfaces.close();
            notes.close();
            throw e;
        }
    }

    /** Looks for what was left; the thread of the events, which runs already, stops if that fails. */
    static SpliceService adopting(
            Kernel kernel,
            SplicePins pins,
            BpfMap notes,
            Interfaces interfaces,
            SpliceTables tables,
            LiveSplices live) {
        try {
            List<AdoptableConnection> left = new Adoption(tables, live).run();
            return new SpliceService(
                    pins, notes, interfaces, live, new SplicePath(kernel, tables, interfaces, live), left);
        } catch (RuntimeException e) {
            live.close();
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
        live.close();
        int going = live.survive() ? live.count() : 0;
        if (going > 0) {
            LOG.info(
                    "splice: {} connections go on in the kernel; the next start adopts them, `sni-proxy detach` ends them",
                    going);
        } else {
            pins.removeAll();
        }
        interfaces.close();
        notes.close();
        pins.close();
    }
}
