package net.sniproxy.e2e.wire;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Child;

/**
 * A TCP segment over IPv4, without options or payload, that says it is from somebody else.
 *
 * @param from whose address and port it bears
 * @param to where it goes
 * @param flags as in the TCP header: {@link #FIN}, {@link #SYN}, {@link #RST}, {@link #ACK}
 * @param sequence its sequence number, unsigned 32 bits
 * @param acknowledgement its acknowledgement number, likewise
 */
public record ForgedSegment(
        InetSocketAddress from, InetSocketAddress to, int flags, int sequence, int acknowledgement) {
    /** The sender has finished. */
    public static final int FIN = 1;
    /** The sender opens a connection. */
    public static final int SYN = 2;
    /** The sender knows no such connection. */
    public static final int RST = 4;
    /** The acknowledgement number counts. */
    public static final int ACK = 16;

    /** Takes seven arguments for each segment. */
    private static final String SEND = """
            import socket, struct, sys
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            for i in range(1, len(sys.argv), 7):
                source, destination = socket.inet_aton(sys.argv[i]), socket.inet_aton(sys.argv[i + 2])
                own, other, flags, sequence, acknowledgement = (int(sys.argv[i + n]) for n in (1, 3, 4, 5, 6))
                def tcp(sum):
                    return struct.pack('!HHLLBBHHH', own, other, sequence, acknowledgement, 80, flags, 64240, sum, 0)
                covered = source + destination + struct.pack('!BBH', 0, 6, 20) + tcp(0)
                total = sum(struct.unpack('!%dH' % (len(covered) // 2), covered))
                total = (total >> 16) + (total & 0xffff)
                ip = struct.pack('!BBHHHBBH4s4s', 69, 0, 40, 0, 0, 64, 6, 0, source, destination)
                raw.sendto(ip + tcp(~(total + (total >> 16)) & 0xffff), (sys.argv[i + 2], 0))
            """;

    /** Sends some from the network namespace that this thread is in. Needs root. */
    public static void send(List<ForgedSegment> segments) {
        List<String> command = new ArrayList<>(List.of("python3", "-c", SEND));
        segments.forEach(segment -> command.addAll(segment.arguments()));
        Child.run(command);
    }

    private List<String> arguments() {
        return List.of(
                from.getAddress().getHostAddress(),
                Integer.toString(from.getPort()),
                to.getAddress().getHostAddress(),
                Integer.toString(to.getPort()),
                Integer.toString(flags),
                Integer.toUnsignedString(sequence),
                Integer.toUnsignedString(acknowledgement));
    }
}
