package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * Source and destination of the packets of one direction, as they arrive. IPv4 addresses are mapped into IPv6
 * ({@code ::ffff:a.b.c.d}), so that one map serves both families; everything is in network order as it lies in memory.
 *
 * @param source0 bytes 0 to 3 of the source address
 * @param source1 bytes 4 to 7
 * @param source2 bytes 8 to 11
 * @param source3 bytes 12 to 15
 * @param destination0 bytes 0 to 3 of the destination address
 * @param destination1 bytes 4 to 7
 * @param destination2 bytes 8 to 11
 * @param destination3 bytes 12 to 15
 * @param ports source port and behind it destination port
 */
@Struct("FlowKey")
public record FlowKey(
        @Unsigned int source0,
        @Unsigned int source1,
        @Unsigned int source2,
        @Unsigned int source3,
        @Unsigned int destination0,
        @Unsigned int destination1,
        @Unsigned int destination2,
        @Unsigned int destination3,
        @Unsigned int ports) {
    private static final int MAPPED = 0xffff;

    /**
     * The key of packets over IPv4.
     *
     * @param source network order as it lies in memory
     * @param destination likewise
     * @param ports source port and behind it destination port
     */
    static FlowKey ipv4(int source, int destination, int ports) {
        int mapped = ByteOrders.network32(MAPPED);
        return new FlowKey(0, 0, mapped, source, 0, 0, mapped, destination, ports);
    }
}
