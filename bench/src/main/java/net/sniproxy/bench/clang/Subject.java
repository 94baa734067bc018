package net.sniproxy.bench.clang;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bench.programs.AllowList;
import net.sniproxy.bench.programs.ChecksumLoop;
import net.sniproxy.bench.programs.FlowTable;
import net.sniproxy.bench.programs.Ipv6Extensions;
import net.sniproxy.bench.programs.RateLimiter;
import net.sniproxy.kernel.RedirectMsg;
import net.sniproxy.kernel.SocketConsumption;
import net.sniproxy.kernel.SocketEnrolment;
import net.sniproxy.kernel.UpperLayerRefusal;

/**
 * A program that exists in both languages.
 *
 * @param name of the program, and of the file with its C version
 * @param program the class with its Java version
 * @param packet what it is timed on; empty for types that the kernel does not test-run
 */
record Subject(String name, Class<?> program, Optional<byte[]> packet) {
    /** 128 bytes: Ethernet, IPv4 from 10.1.2.3, TCP. */
    private static final byte[] IPV4 = frame(
            "020000000001020000000002 0800 45000072000040004006000 00a010203 0a000001 9c4001bb00000001000000015010fde8");

    /** 128 bytes: Ethernet, IPv6, hop-by-hop and destination options, TCP. */
    private static final byte[] IPV6 = frame("020000000001020000000002 86dd 60000000 004a 00 40"
            + "fd000000000000000000000000000001 fd000000000000000000000000000002"
            + "3c00000000000000 0600000000000000 9c4001bb0000000100000001 5010fde8");

    static List<Subject> all() {
        return List.of(
                new Subject("allow_list", AllowList.class, Optional.of(IPV4)),
                new Subject("redirect_msg", RedirectMsg.class, Optional.empty()),
                new Subject("enrol_socket", SocketEnrolment.class, Optional.empty()),
                new Subject("count_consumed", SocketConsumption.class, Optional.empty()),
                new Subject("refuse_ulp", UpperLayerRefusal.class, Optional.empty()),
                new Subject("flow_table", FlowTable.class, Optional.of(IPV4)),
                new Subject("ipv6_extensions", Ipv6Extensions.class, Optional.of(IPV6)),
                new Subject("checksum_loop", ChecksumLoop.class, Optional.of(IPV4)),
                new Subject("rate_limiter", RateLimiter.class, Optional.of(IPV4)));
    }

    private static byte[] frame(String hex) {
        byte[] headers = HexFormat.of().parseHex(hex.replace(" ", ""));
        return Arrays.copyOf(headers, 128);
    }
}
