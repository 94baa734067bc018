package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * The two ends of a TCP connection as one of its sockets sees them. Addresses as in {@link Endpoint}.
 *
 * @param local0 bytes 0 to 3 of the local address
 * @param local1 bytes 4 to 7
 * @param local2 bytes 8 to 11
 * @param local3 bytes 12 to 15
 * @param remote0 bytes 0 to 3 of the remote address
 * @param remote1 bytes 4 to 7
 * @param remote2 bytes 8 to 11
 * @param remote3 bytes 12 to 15
 * @param localPort host order
 * @param remotePort host order
 */
@Struct("SocketPair")
public record SocketPair(
        @Unsigned int local0,
        @Unsigned int local1,
        @Unsigned int local2,
        @Unsigned int local3,
        @Unsigned int remote0,
        @Unsigned int remote1,
        @Unsigned int remote2,
        @Unsigned int remote3,
        @Unsigned int localPort,
        @Unsigned int remotePort) {

    /** The pair of these ends. */
    public static SocketPair of(Endpoint local, Endpoint remote) {
        return new SocketPair(
                local.word0(),
                local.word1(),
                local.word2(),
                local.word3(),
                remote.word0(),
                remote.word1(),
                remote.word2(),
                remote.word3(),
                local.port(),
                remote.port());
    }
}
