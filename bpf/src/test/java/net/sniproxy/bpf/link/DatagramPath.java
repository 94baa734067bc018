package net.sniproxy.bpf.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.NetworkNamespace;

/** Sends datagrams from one namespace to another, to see whether packets get through. */
final class DatagramPath implements AutoCloseable {
    /** What has not arrived by then counts as dropped. */
    private static final Duration QUIET = Duration.ofMillis(500);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MAX_SIZE = 1500;

    private final DatagramSocket left;
    private final DatagramSocket right;
    private final String leftHardware;
    private final String rightHardware;
    private int sent;

    private DatagramPath(DatagramSocket left, String leftHardware, DatagramSocket right, String rightHardware) {
        this.left = left;
        this.leftHardware = leftHardware;
        this.right = right;
        this.rightHardware = rightHardware;
    }

    static DatagramPath between(
            NetworkNamespace left,
            String leftDevice,
            String leftAddress,
            NetworkNamespace right,
            String rightDevice,
            String rightAddress) {
        String leftHardware = hardwareAddress(left, leftDevice);
        String rightHardware = hardwareAddress(right, rightDevice);
        // A program that drops packets must not be able to drop address resolution too, which would linger.
        left.ip("neigh replace " + rightAddress + " lladdr " + rightHardware + " dev " + leftDevice + " nud permanent");
        right.ip("neigh replace " + leftAddress + " lladdr " + leftHardware + " dev " + rightDevice + " nud permanent");
        return new DatagramPath(
                left.call(() -> socket(leftAddress)), leftHardware,
                right.call(() -> socket(rightAddress)), rightHardware);
    }

    private static DatagramSocket socket(String address) throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0));
    }

    private static String hardwareAddress(NetworkNamespace namespace, String device) {
        return namespace.run("cat", "/sys/class/net/" + device + "/address").strip();
    }

    /** Packets get from left to right and back. The first ones may be lost, or late, on a machine that is busy. */
    void assertOpen() {
        Eventually.holds(() -> assertThat(answers()).isTrue());
    }

    /** No packet gets from left to right and back. */
    void assertClosed() {
        assertThat(answers()).isFalse();
    }

    private boolean answers() {
        String text = "ping " + sent++;
        send(left, right, text);
        if (!arrives(text, right, QUIET)) {
            return false;
        }
        send(right, left, text);
        return arrives(text, left, QUIET);
    }

    /** This text arrives at the right end so often, and not once more. */
    void assertArrives(String text, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(arrives(text, right, PATIENCE)).isTrue();
        }
        assertThat(arrives(text, right, QUIET)).isFalse();
    }

    /** An Ethernet frame with a datagram from left to right. */
    byte[] frame(String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 8 + data.length);
        frame.put(bytes(rightHardware)).put(bytes(leftHardware)).putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (28 + data.length)).putInt(0);
        frame.putShort((short) 0x4011).putShort((short) 0);
        frame.put(left.getLocalAddress().getAddress())
                .put(right.getLocalAddress().getAddress());
        frame.putShort(24, checksum(frame));
        frame.putShort((short) left.getLocalPort()).putShort((short) right.getLocalPort());
        return frame.putShort((short) (8 + data.length))
                .putShort((short) 0)
                .put(data)
                .array();
    }

    private static short checksum(ByteBuffer frame) {
        int sum = 0;
        for (int offset = 14; offset < 34; offset += 2) {
            sum += Short.toUnsignedInt(frame.getShort(offset));
        }
        return (short) ~((sum & 0xffff) + (sum >>> 16));
    }

    private static byte[] bytes(String hardwareAddress) {
        return HexFormat.ofDelimiter(":").parseHex(hardwareAddress);
    }

    private static void send(DatagramSocket from, DatagramSocket to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            from.send(new DatagramPacket(bytes, bytes.length, to.getLocalSocketAddress()));
        } catch (IOException e) {
            // A classifier that drops what leaves is reported to the sender.
            if (!String.valueOf(e.getMessage()).contains("No buffer space available")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Passes over what else arrives: it was late. */
    private static boolean arrives(String text, DatagramSocket socket, Duration patience) {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_SIZE], MAX_SIZE);
        String received = "";
        try {
            socket.setSoTimeout((int) patience.toMillis());
            while (!received.equals(text)) {
                socket.receive(packet);
                received = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            }
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        left.close();
        right.close();
    }
}
