package net.sniproxy.bpf.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.NetworkNamespace;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path SOURCE = Path.of("src/test/java/net/sniproxy/bpf/example/PacketCounter.java");

    @Test
    void shouldShowTheExampleAsItIsCompiled() throws IOException {
        assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + Files.readString(SOURCE) + "```\n");
    }

    @KernelTest
    @Test
    void shouldCountPackets() {
        try (NetworkNamespace left = NetworkNamespace.create("left");
                NetworkNamespace right = NetworkNamespace.create("right")) {
            left.connect("eth0", "10.7.0.1/24", right, "eth0", "10.7.0.2/24");
            int index = right.index("eth0");
            long counted = right.call(() -> PacketCounter.countWhile(() -> exchange(left, right, 10), index));
            assertThat(counted).isGreaterThanOrEqualTo(10);
        }
    }

    /** Sends datagrams from left to right, and returns when they have all arrived. */
    private static void exchange(NetworkNamespace left, NetworkNamespace right, int count) {
        InetSocketAddress address = new InetSocketAddress("10.7.0.2", 7000);
        try (DatagramSocket receiver = right.call(() -> new DatagramSocket(address));
                DatagramSocket sender = left.call(() -> new DatagramSocket())) {
            receiver.setSoTimeout(60_000);
            for (int i = 0; i < count; i++) {
                sender.send(new DatagramPacket(new byte[] {1}, 1, address));
                receiver.receive(new DatagramPacket(new byte[1], 1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
