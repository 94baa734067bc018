package net.sniproxy.app.hello;

import java.nio.ByteBuffer;

/**
 * A TCP segment in its packet.
 *
 * @param sequence of the first payload byte, or of SYN, as a signed number
 * @param payload as far as it was captured
 */
record TcpSegment(Endpoint from, Endpoint to, int sequence, boolean syn, boolean ack, byte[] payload) {
    /**
     * An address and a port.
     *
     * @param address 4 or 16 bytes, in a buffer that is never moved
     */
    record Endpoint(ByteBuffer address, int port) {}
}
