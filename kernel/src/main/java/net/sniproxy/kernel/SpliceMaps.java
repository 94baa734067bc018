package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfPerCpuArray;
import net.sniproxy.bpf.compiler.lang.BpfRingBuffer;
import net.sniproxy.bpf.spec.MapFlag;

/**
 * The maps of the packet splice. None is an LRU map: those evict live entries before they are full. The large ones take
 * memory as they fill, not at once: a million connections are room, not use.
 */
public final class SpliceMaps {
    private static final int CONNECTIONS = 1_000_000;
    private static final int EVENT_BYTES = 1 << 20;
    private static final int EVENT_RECORDS = 1 << 16;

    /** Where packets of spliced connections go: two entries a connection. */
    @BpfMap(name = "FLOWS", maxEntries = 2 * CONNECTIONS, flags = MapFlag.NO_PREALLOC)
    public static final BpfHash<FlowKey, Flow> FLOWS = BpfHash.of(2 * CONNECTIONS);

    /** What has become of spliced connections, by the cookie of the client's socket. */
    @BpfMap(name = "SPLICES", maxEntries = CONNECTIONS, flags = MapFlag.NO_PREALLOC)
    public static final BpfHash<Long, Splice> SPLICES = BpfHash.of(CONNECTIONS);

    /** Changes of state, for the control plane. A lost one is found again by a scan of {@link #SPLICES}. */
    @BpfMap(name = "SPLICE_EVENTS", maxEntries = EVENT_BYTES)
    public static final BpfRingBuffer<SpliceEvent> SPLICE_EVENTS = BpfRingBuffer.of(EVENT_RECORDS);

    /** What the walk through a packet's options has found, one for each CPU. */
    @BpfMap(name = "OPTION_SCRATCH", maxEntries = 1)
    static final BpfPerCpuArray<TcpOptions> OPTION_SCRATCH = BpfPerCpuArray.of(1, TcpOptions::new);

    private SpliceMaps() {}
}
