package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * An address and a port. IPv4 addresses are mapped into IPv6 ({@code ::ffff:a.b.c.d}), so that one key serves both.
 *
 * @param word0 bytes 0 to 3 of the address, network order as in memory
 * @param word1 bytes 4 to 7
 * @param word2 bytes 8 to 11
 * @param word3 bytes 12 to 15
 * @param port 0 to 65535 in host order
 */
@Struct("Endpoint")
public record Endpoint(
        @Unsigned int word0,
        @Unsigned int word1,
        @Unsigned int word2,
        @Unsigned int word3,
        @Unsigned int port) {
    private static final int MAPPED = 0xffff;

    /**
     * An IPv4 end point.
     *
     * @param address network order as in memory
     * @param port host order
     */
    public static Endpoint ipv4(int address, int port) {
        return new Endpoint(0, 0, ByteOrders.network32(MAPPED), address, port);
    }
}
