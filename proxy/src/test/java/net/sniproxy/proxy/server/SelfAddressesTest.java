package net.sniproxy.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelfAddressesTest {
    private final SelfAddresses self = new SelfAddresses();

    SelfAddressesTest() {
        self.refresh();
    }

    @Test
    void shouldKnowThatAWildcardIsReachedByEveryAddressOfTheHost() throws SocketException {
        self.listening(List.of(new InetSocketAddress("0.0.0.0", 443)));
        List<InetAddress> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLinkLocalAddress())
                .toList();
        assertThat(own).isNotEmpty().allMatch(address -> self.test(new InetSocketAddress(address, 443)));
        assertThat(own).noneMatch(address -> self.test(new InetSocketAddress(address, 8443)));
        assertThat(self.test(new InetSocketAddress("0.0.0.0", 443))).isTrue();
        assertThat(self.test(new InetSocketAddress("192.0.2.1", 443))).isFalse();
    }

    @Test
    void shouldTakeAnAddressOfItsOwnForThatAlone() {
        self.listening(List.of(new InetSocketAddress("127.0.0.1", 443)));
        assertThat(self.test(new InetSocketAddress("127.0.0.1", 443))).isTrue();
        assertThat(self.test(new InetSocketAddress("0.0.0.0", 443)))
                .as("Linux connects to loopback")
                .isTrue();
        assertThat(self.test(new InetSocketAddress("127.0.0.2", 443))).isFalse();
    }
}
