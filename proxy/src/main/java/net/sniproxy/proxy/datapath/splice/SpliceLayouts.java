package net.sniproxy.proxy.datapath.splice;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.kernel.ConnectionStats;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;

/** What two versions must agree on so that one can go on with the connections of the other. */
final class SpliceLayouts {
    /** The maps that must be the same for both. */
    static final List<String> PINNED_MAPS =
            List.of("FLOWS", "SPLICES", "SPLICE_EVENTS", "CONNECTION_STATS", "TRAFFIC_STATS", SpliceNotes.MAP);

    /** To be raised when a member changes its meaning but not its place. */
    private static final int MEANING = 2;

    private SpliceLayouts() {}

    /** Eight hexadecimal digits that change with every member of the shared structs. */
    static String digest() {
        String all = MEANING
                + NoteCodec.LAYOUT.toString()
                + List.of(FlowKey.class, Flow.class, Splice.class, ConnectionStats.class, SpliceEvent.class).stream()
                        .map(type -> Codec.of(type).layout().toString())
                        .toList();
        CRC32 sum = new CRC32();
        sum.update(all.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", sum.getValue());
    }
}
