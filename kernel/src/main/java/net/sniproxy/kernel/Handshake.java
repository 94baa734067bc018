package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * Where a socket stood when its connection was established. Its peer stands at the same two numbers, the other way round: 64
 * bits that tell the peer from any other socket with the same addresses and ports, in another network namespace or in the past.
 *
 * @param cookie the socket's
 * @param sendNext SND.NXT of RFC 9293
 * @param receiveNext RCV.NXT of RFC 9293
 */
@Struct("Handshake")
public record Handshake(
        @Unsigned long cookie,
        @Unsigned int sendNext,
        @Unsigned int receiveNext) {
    /** Whether a socket at these numbers is at the other end. */
    boolean isPeerOf(int peerSendNext, int peerReceiveNext) {
        return sendNext == peerReceiveNext && receiveNext == peerSendNext;
    }
}
