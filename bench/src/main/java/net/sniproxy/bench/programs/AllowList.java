package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfLpmTrie;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfPerCpuArray;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.kernel.Ipv6Prefix;
import org.jspecify.annotations.Nullable;

/** Lets in only sources on a list: VLAN tags, both address families, a table, two tries and a counter for each outcome. */
public final class AllowList {
    private static final int ENTRIES = 10_000;
    private static final int COUNTERS = 256;
    private static final int SETTINGS = 32;

    private static final int PASSED = 4;
    private static final int NOT_ALLOWED = 5;
    private static final int MALFORMED = 6;

    private static final int ETHERNET = 14;
    private static final int TAG = 4;
    private static final int MAX_TAGS = 2;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;

    @BpfMap(name = "CONFIG", maxEntries = SETTINGS)
    static final BpfArray<U32> CONFIG = BpfArray.of(SETTINGS, U32::new);

    @BpfMap(name = "TRAFFIC_STATS", maxEntries = COUNTERS)
    static final BpfPerCpuArray<U64> TRAFFIC_STATS = BpfPerCpuArray.of(COUNTERS, U64::new);

    @BpfMap(name = "IP_WHITELIST", maxEntries = ENTRIES)
    static final BpfHash<Integer, U8> IP_WHITELIST = BpfHash.of(ENTRIES);

    @BpfMap(name = "ALLOW_IPV4", maxEntries = ENTRIES)
    static final BpfLpmTrie<Ipv4Prefix, U8> ALLOW_IPV4 = BpfLpmTrie.of(ENTRIES);

    @BpfMap(name = "ALLOW_IPV6", maxEntries = ENTRIES)
    static final BpfLpmTrie<Ipv6Prefix, U8> ALLOW_IPV6 = BpfLpmTrie.of(ENTRIES);

    private AllowList() {}

    @BpfProgram(type = ProgramType.XDP, name = "allow_list")
    static int filter(XdpContext context) {
        U32 on = CONFIG.lookup(0);
        if (on == null || on.value == 0) {
            return XdpAction.PASS;
        }
        int counter = judge(context.data(), context.dataEnd());
        U64 total = TRAFFIC_STATS.lookup(counter);
        if (total != null) {
            total.value++;
        }
        return counter == PASSED ? XdpAction.PASS : XdpAction.DROP;
    }

    private static int judge(Packet frame, PacketEnd end) {
        if (!end.covers(frame, ETHERNET)) {
            return MALFORMED;
        }
        int type = frame.u16be(12);
        int length = ETHERNET;
        for (int tags = 0; tags < MAX_TAGS && (type == 0x8100 || type == 0x88a8); tags++) {
            Packet tag = frame.plus(length);
            if (!end.covers(tag, TAG)) {
                return MALFORMED;
            }
            type = tag.u16be(2);
            length += TAG;
        }
        return switch (type) {
            case IPV4 -> judgeIpv4(frame.plus(length), end);
            case IPV6 -> judgeIpv6(frame.plus(length), end);
            default -> PASSED;
        };
    }

    private static int judgeIpv4(Packet header, PacketEnd end) {
        if (!end.covers(header, 20) || header.u8(0) >> 4 != 4 || (header.u8(0) & 0xf) << 2 < 20) {
            return MALFORMED;
        }
        int source = header.u32(12);
        if (isAllowed(IP_WHITELIST.lookup(source))) {
            return PASSED;
        }
        return isAllowed(ALLOW_IPV4.lookup(new Ipv4Prefix(32, source))) ? PASSED : NOT_ALLOWED;
    }

    private static int judgeIpv6(Packet header, PacketEnd end) {
        if (!end.covers(header, 40) || header.u8(0) >> 4 != 6) {
            return MALFORMED;
        }
        Ipv6Prefix source = new Ipv6Prefix(128, header.u32(8), header.u32(12), header.u32(16), header.u32(20));
        return isAllowed(ALLOW_IPV6.lookup(source)) ? PASSED : NOT_ALLOWED;
    }

    private static boolean isAllowed(@Nullable U8 entry) {
        return entry != null && entry.value == 1;
    }
}
