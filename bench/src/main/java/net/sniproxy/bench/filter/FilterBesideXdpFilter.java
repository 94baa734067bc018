package net.sniproxy.bench.filter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.kernel.Setting;
import net.sniproxy.kernel.XdpIpFilter;

/**
 * Times {@code xdp_ip_filter} and {@code xdp-filter} on the same frames, in turns, and prints both and their ratio. The best
 * round of each counts, since whatever else the machine does only ever makes a round slower.
 *
 * <p>Run by {@code scripts/compare-filter.sh}, which loads {@code xdp-filter} with a rule for 10.1.2.3. Arguments: the ids of
 * its programs that let in by default, and that drop by default.
 */
public final class FilterBesideXdpFilter {
    private static final int ROUNDS = 15;
    private static final int REPEAT = 200_000;
    private static final int MILLION = 1_000_000;
    /** 128 bytes: Ethernet, IPv4, TCP to port 443. */
    private static final String FRAME =
            "0200000000010200000000020800450000720000400040060000%s0a0000019c4001bb00000001000000015010fde8";

    private static final byte[] LISTED = frame("0a010203");
    private static final byte[] UNLISTED = frame("0a010204");
    private static final byte[] IN_BLOCK = frame("0b3d0902");

    private FilterBesideXdpFilter() {}

    /** The command. */
    public static void main(String[] arguments) {
        Kernel kernel = Kernel.running();
        try (Program letsIn = Program.byId(kernel, Integer.parseInt(arguments[0]));
                Program drops = Program.byId(kernel, Integer.parseInt(arguments[1]))) {
            System.out.println("case                         xdp-filter ns    ours ns   ratio");
            try (LoadedObject ours = load(kernel, 1, Setting.RULES_HOSTS, false)) {
                word(ours, "DENY_HOSTS", Codec.u64(), FilterMaps.FOR_GOOD);
                compare("pass, one host denied", letsIn, ours, UNLISTED);
                compare("denied host", letsIn, ours, LISTED);
            }
            try (LoadedObject ours = load(kernel, 1, Setting.RULES_WHITELIST, true)) {
                word(ours, "IP_WHITELIST", Codec.of(U8.class), new U8((byte) 1));
                compare("allowed host", drops, ours, LISTED);
            }
            try (LoadedObject ours = load(kernel, MILLION, Setting.RULES_HOSTS, false)) {
                Map<Integer, Long> hosts = new HashMap<>();
                for (int i = 0; i < MILLION; i++) {
                    hosts.put(Integer.reverseBytes(0x0b000000 + 4 * i), FilterMaps.FOR_GOOD);
                }
                TypedMap.of(ours.map("DENY_HOSTS"), Codec.u32(), Codec.u64()).updateAll(hosts);
                compare("pass, 1M hosts denied", letsIn, ours, UNLISTED);
            }
            try (LoadedObject ours = load(kernel, MILLION, Setting.RULES_IPV4, false)) {
                Map<Ipv4Prefix, Long> blocks = new HashMap<>();
                for (int i = 0; i < MILLION; i++) {
                    blocks.put(new Ipv4Prefix(30, Integer.reverseBytes(0x0b000000 + 4 * i)), FilterMaps.FOR_GOOD);
                }
                TypedMap.of(ours.map("RULES_IPV4"), Codec.of(Ipv4Prefix.class), Codec.u64())
                        .updateAll(blocks);
                compare("pass, 1M blocks denied", letsIn, ours, UNLISTED);
                compare("denied by one of 1M blocks", letsIn, ours, IN_BLOCK);
            }
        }
    }

    /** Judges every packet, as xdp-filter does. */
    private static LoadedObject load(Kernel kernel, int entries, int rules, boolean allowList) {
        Map<String, Integer> sizes = Map.of("DENY_HOSTS", entries, "RULES_IPV4", entries);
        LoadedObject object = LoadedObject.load(
                kernel, Compiler.compile(CompileOptions.defaults().withMapEntries(sizes), XdpIpFilter.class));
        TypedMap<Integer, Integer> settings = TypedMap.of(object.map("CONFIG"), Codec.u32(), Codec.u32());
        settings.update(Setting.FILTER, 1);
        settings.update(Setting.WHOLE_INTERFACE, 1);
        settings.update(Setting.RULES, rules);
        settings.update(Setting.ALLOW_LIST, allowList ? 1 : 0);
        return object;
    }

    private static <V> void word(LoadedObject object, String map, Codec<V> values, V value) {
        int listed = ByteBuffer.wrap(LISTED).order(ByteOrder.nativeOrder()).getInt(26);
        TypedMap.of(object.map(map), Codec.u32(), values).update(listed, value);
    }

    private static void compare(String name, Program theirs, LoadedObject ours, byte[] frame) {
        Program mine = ours.program("xdp_ip_filter");
        int theirBest = Integer.MAX_VALUE;
        int ourBest = Integer.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            theirBest = Math.min(theirBest, nanos(theirs, frame));
            ourBest = Math.min(ourBest, nanos(mine, frame));
        }
        System.out.printf(
                Locale.ROOT,
                "%-28s %13d %10d %7.2f%n",
                name,
                theirBest,
                ourBest,
                (double) ourBest / Math.max(1, theirBest));
    }

    private static int nanos(Program program, byte[] frame) {
        return program.run(TestRun.onPacket(frame).withRepeat(REPEAT)).nanosPerRun();
    }

    private static byte[] frame(String source) {
        return Arrays.copyOf(HexFormat.of().parseHex(FRAME.formatted(source)), 128);
    }
}
