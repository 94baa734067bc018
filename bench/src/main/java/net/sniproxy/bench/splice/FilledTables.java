package net.sniproxy.bench.splice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.kernel.ConnectionStats;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceLeg;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.kernel.TcSplice;

/** {@code tc_splice} in the kernel, attached to nothing, with as many spliced connections in its maps as are wanted. */
final class FilledTables implements AutoCloseable {
    private static final InetSocketAddress LISTENER = new InetSocketAddress(ipv4(0x0a_ff_ff_01), 443);
    private static final int CLIENTS = 0x0a_00_00_00;
    private static final int UPSTREAMS = 0x64_40_00_00;
    private static final InetAddress UPSTREAM_SIDE = ipv4(0x64_7f_ff_01);
    /** Connections of one client address, and to one upstream address. */
    private static final int PORTS = 1 << 14;

    private static final int FIRST_PORT = 40_000;
    private static final int HELLO = 517;
    private static final int BATCH = 10_000;
    private static final List<String> MAPS = List.of("FLOWS", "SPLICES", "CONNECTION_STATS");

    private final LoadedObject object;
    private final TypedMap<FlowKey, Flow> flows;
    private final TypedMap<Long, Splice> splices;
    private final TypedMap<Long, ConnectionStats> statistics;
    private int connections;

    /** @param capacity connections that there must be room for */
    FilledTables(Kernel kernel, int capacity) {
        Map<String, Integer> sizes = Map.of("FLOWS", 2 * capacity, "SPLICES", capacity, "CONNECTION_STATS", capacity);
        object = LoadedObject.load(
                kernel, Compiler.compile(CompileOptions.defaults().withMapEntries(sizes), TcSplice.class));
        flows = TypedMap.of(object.map("FLOWS"), Codec.of(FlowKey.class), Codec.of(Flow.class));
        splices = TypedMap.of(object.map("SPLICES"), Codec.u64(), Codec.of(Splice.class));
        statistics = TypedMap.of(object.map("CONNECTION_STATS"), Codec.u64(), Codec.of(ConnectionStats.class));
    }

    Program program() {
        return object.program("tc_splice");
    }

    /** Adds connections until there are {@code count}. */
    void fillTo(int count) {
        while (connections < count) {
            Map<FlowKey, Flow> newFlows = new HashMap<>();
            Map<Long, Splice> newSplices = new HashMap<>();
            Map<Long, ConnectionStats> newStatistics = new HashMap<>();
            for (int i = 0; i < BATCH && connections < count; i++, connections++) {
                SplicePlan plan = plan(connections);
                newFlows.put(plan.upKey(), plan.up());
                newFlows.put(plan.downKey(), plan.down());
                newSplices.put((long) connections, plan.splice());
                newStatistics.put((long) connections, new ConnectionStats());
            }
            flows.updateAll(newFlows);
            splices.updateAll(newSplices);
            statistics.updateAll(newStatistics);
        }
    }

    /** A segment that the client of a connection sends. */
    static byte[] segment(int connection) {
        return PacketFrames.tcp(client(connection), LISTENER, 1 + HELLO, 1);
    }

    /** Bytes that the kernel accounts to the maps, whatever their slabs round up. */
    long bytes() {
        return MAPS.stream().map(object::map).mapToLong(FilledTables::bytes).sum();
    }

    private static long bytes(BpfMap map) {
        Path info = Path.of("/proc/self/fdinfo/" + map.descriptor().number());
        try {
            return Files.readAllLines(info).stream()
                    .filter(line -> line.startsWith("memlock:"))
                    .mapToLong(line ->
                            Long.parseLong(line.substring("memlock:".length()).strip()))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SplicePlan plan(int connection) {
        InetSocketAddress upstream = new InetSocketAddress(ipv4(UPSTREAMS + connection / PORTS), 443);
        InetSocketAddress own = new InetSocketAddress(UPSTREAM_SIDE, FIRST_PORT + connection % PORTS);
        SplicePlan plan = SplicePlan.of(
                connection,
                leg(FlowKeys.of(client(connection), LISTENER), HELLO),
                leg(FlowKeys.of(upstream, own), 0),
                HELLO,
                0,
                System.nanoTime());
        plan.splice().state = Splice.SPLICED;
        return plan;
    }

    private static SpliceLeg leg(FlowKey incoming, int received) {
        return new SpliceLeg(incoming, 0, 1 + received, 1, 1, 7, 7, true, true, false, 1, false);
    }

    private static InetSocketAddress client(int connection) {
        return new InetSocketAddress(ipv4(CLIENTS + connection / PORTS), FIRST_PORT + connection % PORTS);
    }

    private static InetAddress ipv4(int address) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(Integer.BYTES).putInt(0, address).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    @Override
    public void close() {
        object.close();
    }
}
