package net.sniproxy.e2e.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClientPortsTest {
    @Test
    void shouldGiveNoTwoClientsTheSamePortThoughTheFirstHasClosed() throws IOException {
        try (var server = new ServerSocket(0, 500, InetAddress.ofLiteral("127.0.0.1"))) {
            var to = (InetSocketAddress) server.getLocalSocketAddress();
            assertThat(IntStream.range(0, 400).mapToObj(_ -> portOfOneThatClosed(to)))
                    .doesNotHaveDuplicates()
                    .allSatisfy(port -> assertThat(port).isBetween(10_000, 19_999));
        }
    }

    private static int portOfOneThatClosed(InetSocketAddress to) {
        try (Peer client = Peer.connect(to)) {
            return client.local().getPort();
        }
    }

    @Test
    void shouldStepOverPortsThatOthersHave() throws IOException {
        try (var first = new Socket()) {
            ClientPorts.bind(first);
            try (var server = new ServerSocket();
                    var second = new Socket()) {
                int next = first.getLocalPort() == 19_999 ? 10_000 : first.getLocalPort() + 1;
                server.bind(new InetSocketAddress(next));
                ClientPorts.bind(second);
                assertThat(second.getLocalPort()).isNotIn(first.getLocalPort(), next);
            }
        }
    }
}
