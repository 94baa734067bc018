package net.sniproxy.proxy.datapath.splice;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.kernel.FlowKeys;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceLeg;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.kernel.TcSplice;

/** The tables in the kernel, with room for a few connections; the program is attached to nothing, so no packet changes them. */
final class LoadedTables implements AutoCloseable {
    /** Entries of each. */
    static final int ROOM = 4;

    private final LoadedObject object;
    private final TypedMap<Long, Splice> splices;
    private final SpliceTables tables;

    LoadedTables() {
        CompileOptions small = CompileOptions.defaults()
                .withMapEntries(Map.of("FLOWS", ROOM, "SPLICES", ROOM, "CONNECTION_STATS", ROOM));
        object = LoadedObject.load(Kernel.running(), Compiler.compile(small, TcSplice.class));
        splices = TypedMap.of(object.map("SPLICES"), Codec.u64(), Codec.of(Splice.class));
        tables = new SpliceTables(object);
    }

    SpliceTables tables() {
        return tables;
    }

    /** The program that uses them. */
    Program program() {
        return object.program(SpliceService.PROGRAM);
    }

    /** All of them, by name. */
    Map<String, BpfMap> maps() {
        return object.maps();
    }

    /** Pins them below a directory, and forgets the pins: as a process does that is killed. */
    void leaveIn(Path directory) {
        try (BpfMap notes = SpliceNotes.create(Kernel.running(), ROOM);
                SplicePins pins = SplicePins.open(Kernel.running(), directory)) {
            pins.keep(withNotes(notes));
        }
    }

    /** All that are pinned together, by name. */
    Map<String, BpfMap> withNotes(BpfMap notes) {
        Map<String, BpfMap> all = new HashMap<>(object.maps());
        all.put(SpliceNotes.MAP, notes);
        return all;
    }

    /** The ring that the program would report to. */
    BpfMap events() {
        return object.map("SPLICE_EVENTS");
    }

    /** Changes a connection as packets would, without an event. */
    void change(long id, Consumer<Splice> change) {
        Splice splice = tables.splice(id).orElseThrow();
        change.accept(splice);
        splices.update(id, splice);
    }

    /** A connection of 192.0.2.77 from the same port every time, to an upstream from {@code sourcePort}. */
    static SplicePlan plan(long id, int sourcePort) {
        return plan(id, sourcePort, "192.0.2.77");
    }

    /** As {@link #plan(long, int)}, of another client. */
    static SplicePlan plan(long id, int sourcePort, String client) {
        return SplicePlan.of(
                id,
                leg(new InetSocketAddress(client, 30_000), new InetSocketAddress("192.0.2.1", 443)),
                leg(new InetSocketAddress("198.51.100.1", 443), new InetSocketAddress("198.51.100.7", sourcePort)),
                517,
                0,
                System.nanoTime());
    }

    private static SpliceLeg leg(InetSocketAddress peer, InetSocketAddress own) {
        return new SpliceLeg(FlowKeys.of(peer, own), 0, 1, 1, 1, 7, 7, true, true, false, 1, true);
    }

    @Override
    public void close() {
        object.close();
    }
}
