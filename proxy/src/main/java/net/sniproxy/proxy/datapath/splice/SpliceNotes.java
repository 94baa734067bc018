package net.sniproxy.proxy.datapath.splice;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.spec.MapFlag;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.proxy.datapath.ConnectionNote;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the next process must know of the connections that the kernel carries alone, in a map that is pinned. Without pins
 * there is no next process for them, and nothing is written. Thread-safe.
 */
final class SpliceNotes {
    static final String MAP = "SPLICE_NOTES";
    private static final Logger LOG = LoggerFactory.getLogger(SpliceNotes.class);

    private final SplicePins pins;
    private final TypedMap<Long, byte[]> notes;

    /** @param map stays its owner's */
    SpliceNotes(BpfMap map, SplicePins pins) {
        this.pins = pins;
        this.notes = TypedMap.of(map, Codec.u64(), Codec.bytes(NoteCodec.LAYOUT));
    }

    static BpfMap create(Kernel kernel, int connections) {
        return BpfMap.create(
                kernel,
                MapSpec.named(MAP, MapType.HASH)
                        .key(Codec.u64().layout())
                        .value(NoteCodec.LAYOUT)
                        .maxEntries(connections)
                        .flag(MapFlag.NO_PREALLOC)
                        .build());
    }

    /** Whether anybody will read them. */
    boolean kept() {
        return pins.kept();
    }

    void write(long id, ConnectionNote note) {
        if (!kept()) {
            return;
        }
        try {
            notes.update(id, NoteCodec.encode(note));
        } catch (BpfException e) {
            LOG.warn("splice: a connection of {} will be ended by the next start: {}", note.client(), e.getMessage());
        }
    }

    /** Empty where none was written. */
    Optional<ConnectionNote> read(long id) {
        return notes.lookup(id).flatMap(NoteCodec::decode);
    }

    /** Removes all others. */
    void retain(Set<Long> ids) {
        SpliceTables.removeOthers(notes, ids);
    }

    void removeAll(List<Long> ids) {
        if (kept()) {
            notes.deleteAll(ids);
        }
    }
}
