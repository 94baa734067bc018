package net.sniproxy.kernel;

/**
 * One of the two TCP connections that a splice joins, as the proxy's socket stands at the quiet moment. Numbers are unsigned
 * 32 bits in host order.
 *
 * @param incoming addresses and ports of the packets that the peer sends to the proxy
 * @param initial the sequence number of the peer's SYN (IRS, RFC 9293)
 * @param receiveNext the next sequence number expected from the peer (RCV.NXT, RFC 9293)
 * @param sendNext the next sequence number that the proxy would use (SND.NXT)
 * @param clock the TSval that the proxy would send now; 0 without timestamps
 * @param peerWindowScale what the peer announced, 0 to 14
 * @param ownWindowScale what the proxy announced, 0 to 14
 * @param timestamps whether both agreed to timestamps (RFC 7323)
 * @param sack whether both agreed to selective acknowledgements (RFC 2018)
 * @param ecn whether both agreed to ECN (RFC 3168)
 * @param ifindex the interface by which packets to the peer leave
 * @param onLink whether they reach the peer without a router
 */
public record SpliceLeg(
        FlowKey incoming,
        int initial,
        int receiveNext,
        int sendNext,
        int clock,
        int peerWindowScale,
        int ownWindowScale,
        boolean timestamps,
        boolean sack,
        boolean ecn,
        int ifindex,
        boolean onLink) {}
