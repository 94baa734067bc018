package net.sniproxy.app.hello;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Builds packets and capture files. */
final class Captures {
    static final int SYN = 2;
    static final int ACK = 16;

    private Captures() {}

    /** One direction of a TCP connection between fixed addresses; ports and sequence numbers as given. */
    record Flow(boolean ipv6, int fromPort, int toPort) {
        Flow back() {
            return new Flow(ipv6, toPort, fromPort);
        }

        byte[] segment(int sequence, int flags, byte[] payload) {
            byte[] tcp = ByteBuffer.allocate(20 + payload.length)
                    .putShort((short) fromPort)
                    .putShort((short) toPort)
                    .putInt(sequence)
                    .putInt(0)
                    .put((byte) 0x50)
                    .put((byte) flags)
                    .position(20)
                    .put(payload)
                    .array();
            return ipv6 ? ipv6(6, tcp) : ipv4(tcp);
        }

        private byte[] ipv4(byte[] tcp) {
            return ByteBuffer.allocate(20 + tcp.length)
                    .put((byte) 0x45)
                    .put((byte) 0)
                    .putShort((short) (20 + tcp.length))
                    .position(8)
                    .put(new byte[] {64, 6, 0, 0, 10, 0, 0, address(fromPort), 10, 0, 0, address(toPort)})
                    .put(tcp)
                    .array();
        }

        byte[] ipv6(int next, byte[] payload) {
            return ByteBuffer.allocate(40 + payload.length)
                    .putInt(0x60000000)
                    .putShort((short) payload.length)
                    .put((byte) next)
                    .put((byte) 64)
                    .position(23)
                    .put(address(fromPort))
                    .position(39)
                    .put(address(toPort))
                    .put(payload)
                    .array();
        }

        private static byte address(int port) {
            return (byte) (port == 443 ? 1 : 2);
        }
    }

    /** A hop-by-hop, a destination options and an atomic fragment header before TCP. */
    static byte[] withExtensionHeaders(Flow flow, byte[] ipv6Packet) {
        byte[] tcp = Arrays.copyOfRange(ipv6Packet, 40, ipv6Packet.length);
        byte[] headers = {
            60, 0, 1, 4, 0, 0, 0, 0, 44, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1, 2, 3, 4
        };
        return flow.ipv6(0, concat(headers, tcp));
    }

    static byte[] ethernet(byte[] ip, int... vlanTypes) {
        ByteBuffer frame = ByteBuffer.allocate(14 + 4 * vlanTypes.length + Math.max(ip.length, 46));
        frame.position(12);
        for (int type : vlanTypes) {
            frame.putShort((short) type).putShort((short) 5);
        }
        return frame.putShort(etherType(ip)).put(ip).array();
    }

    static short etherType(byte[] ip) {
        return (short) (ip[0] >> 4 == 4 ? 0x0800 : 0x86dd);
    }

    static byte[] pcap(ByteOrder order, boolean nanoseconds, int linkType, List<byte[]> packets) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(ByteBuffer.allocate(24)
                .order(order)
                .putInt(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .position(16)
                .putInt(262_144)
                .putInt(linkType)
                .array());
        for (byte[] packet : packets) {
            file.writeBytes(ByteBuffer.allocate(16)
                    .order(order)
                    .putInt(1)
                    .putInt(2)
                    .putInt(packet.length)
                    .putInt(packet.length)
                    .array());
            file.writeBytes(packet);
        }
        return file.toByteArray();
    }

    /** With two interfaces, of which the second is Ethernet, and packets in blocks of every type that has some. */
    static byte[] pcapng(ByteOrder order, List<byte[]> frames) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ByteBuffer section = ByteBuffer.allocate(16).order(order);
        file.writeBytes(block(
                order,
                0x0a0d0d0a,
                section.putInt(0x1a2b3c4d)
                        .putShort((short) 1)
                        .position(8)
                        .putLong(-1)
                        .array()));
        file.writeBytes(block(
                order,
                1,
                ByteBuffer.allocate(8).order(order).putShort((short) 1).array()));
        file.writeBytes(block(
                order,
                1,
                ByteBuffer.allocate(8).order(order).putShort((short) 1).array()));
        file.writeBytes(block(order, 5, new byte[12]));
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            ByteBuffer body = ByteBuffer.allocate(20 + frame.length).order(order);
            switch (i % 3) {
                case 0 ->
                    file.writeBytes(block(
                            order,
                            6,
                            body.putInt(1)
                                    .position(12)
                                    .putInt(frame.length)
                                    .putInt(frame.length)
                                    .put(frame)
                                    .array()));
                case 1 ->
                    file.writeBytes(block(
                            order,
                            2,
                            body.putShort((short) 1)
                                    .position(12)
                                    .putInt(frame.length)
                                    .putInt(frame.length)
                                    .put(frame)
                                    .array()));
                default ->
                    file.writeBytes(block(
                            order,
                            3,
                            ByteBuffer.allocate(4 + frame.length)
                                    .order(order)
                                    .putInt(frame.length)
                                    .put(frame)
                                    .array()));
            }
        }
        return file.toByteArray();
    }

    private static byte[] block(ByteOrder order, int type, byte[] body) {
        int length = 12 + (body.length + 3) / 4 * 4;
        return ByteBuffer.allocate(length)
                .order(order)
                .putInt(type)
                .putInt(length)
                .put(body)
                .position(length - 4)
                .putInt(length)
                .array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
