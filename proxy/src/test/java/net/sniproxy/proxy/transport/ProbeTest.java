package net.sniproxy.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The socket that finds out whether an address is taken. */
class ProbeTest {
    private final Transport transport = Transport.best();
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Channel bound(Channel channel, InetSocketAddress address) {
        loop.register(channel).syncUninterruptibly();
        channel.bind(address).syncUninterruptibly();
        return channel;
    }

    @Test
    void shouldNotTakeConnectionsThatItWouldHaveToRefuse() {
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Channel probe = bound(transport.probe(any, false), any);
        int port = ((InetSocketAddress) probe.localAddress()).getPort();

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
        probe.close().syncUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0", "::"})
    void shouldNoticeAListenerThatSharesItsPort(String host) {
        var any = new InetSocketAddress(InetAddress.ofLiteral(host), 0);
        Channel listener = bound(transport.listener(any, false), any);
        var taken = (InetSocketAddress) listener.localAddress();
        Channel probe = transport.probe(taken, false);

        assertThatThrownBy(() -> bound(probe, taken)).hasMessageContaining("in use");

        for (Channel open : List.of(probe, listener)) {
            open.close().syncUninterruptibly();
        }
    }

    @Test
    void shouldLeaveIpv4AloneWhereThatHasAListenerOfItsOwn() {
        var any = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
        Channel listener = bound(transport.listener(any, false), any);
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        var sixth = new InetSocketAddress(InetAddress.ofLiteral("::"), port);

        Channel probe = bound(transport.probe(sixth, true), sixth);

        assertThat(probe.isOpen()).isTrue();
        probe.close().syncUninterruptibly();
        listener.close().syncUninterruptibly();
    }
}
