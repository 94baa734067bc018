package net.sniproxy.app.hello;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A packet as it was captured.
 *
 * @param linkType of the pcap registry: what stands before the IP header
 * @param bytes as many as were captured
 */
record Packet(int linkType, byte[] bytes) {
    private static final int ETHERNET = 1;
    private static final int RAW_IP = 101;

    /** The IP packet in it, if it carries one of a kind that is known here. */
    Optional<ByteBuffer> ip() {
        return LinkLayer.ip(linkType, ByteBuffer.wrap(bytes));
    }

    /** What the bytes of a hex dump are, if they are a packet: an IP packet, or an Ethernet frame with one. */
    static Optional<Packet> guess(byte[] bytes) {
        for (int linkType : new int[] {RAW_IP, ETHERNET}) {
            Packet packet = new Packet(linkType, bytes);
            if (packet.ip().filter(IpPacket::plausible).isPresent()) {
                return Optional.of(packet);
            }
        }
        return Optional.empty();
    }
}
