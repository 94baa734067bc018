package net.sniproxy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.config.Target;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.Test;

/** What is known of targets from one configuration to the next. */
class UpstreamsTest {
    private static final Route ROUTE = new Route(
            Route.Source.ROUTES,
            "a.test",
            List.of(Target.parse("192.0.2.1:443"), Target.parse("192.0.2.2:443")),
            Via.DIRECT,
            Optional.empty(),
            Balance.ROUND_ROBIN);

    private final AddressPolicy policy = new AddressPolicy(true, address -> false);
    private final Upstreams before = new Upstreams(Transport.nio(), Optional.empty(), policy, new UpstreamSockets() {
        @Override
        public Optional<InetSocketAddress> source(InetSocketAddress upstream) {
            return Optional.empty();
        }

        @Override
        public void connecting(Channel upstream) {}
    });

    private Upstreams next() {
        return before.next(Optional.empty(), policy);
    }

    @Test
    void shouldRememberTargetsThatAreInUse() {
        var lease = before.lease(ROUTE, "192.0.2.1:443").orElseThrow();
        assertThat(next().pool(ROUTE)).isSameAs(before.pool(ROUTE));
        lease.close();
        assertThat(next().pool(ROUTE)).isNotSameAs(before.pool(ROUTE));
    }

    @Test
    void shouldRememberTargetsThatHaveFailedLately() {
        before.lease(ROUTE, "192.0.2.2:443").ifPresent(lease -> {
            lease.unreachable();
            lease.close();
        });
        assertThat(next().pool(ROUTE)).isSameAs(before.pool(ROUTE));
    }

    /** Routes that come and go with reloads would otherwise stay for ever. */
    @Test
    void shouldForgetTargetsOfWhichNothingIsKnown() {
        TargetPool idle = before.pool(ROUTE);
        assertThat(next().pool(ROUTE)).isNotSameAs(idle);
    }
}
