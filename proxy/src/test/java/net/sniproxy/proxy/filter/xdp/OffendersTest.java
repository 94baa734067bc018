package net.sniproxy.proxy.filter.xdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.filter.CidrSet;
import net.sniproxy.proxy.stats.Events;
import org.junit.jupiter.api.Test;

class OffendersTest {
    private long now;
    private final List<String> found = new ArrayList<>();
    private final Offenders offenders =
            new Offenders(() -> now, (source, last) -> found.add(source.getHostAddress() + " " + last.label()));

    /** So many connections of a peer that end in some way. */
    private void end(int times, String peer, Ending ending) {
        for (int i = 0; i < times; i++) {
            offenders.on(Events.refused(peer, ending, ""));
        }
    }

    @Test
    void shouldFindASourceAtItsTenthOffenceAndBeginAnew() {
        end(Offenders.STRIKES - 1, "192.0.2.1", Ending.NOT_TLS);
        assertThat(found).isEmpty();
        end(1, "192.0.2.1", Ending.NO_ROUTE);
        assertThat(found).containsExactly("192.0.2.1 no_route");
        end(Offenders.STRIKES - 1, "192.0.2.1", Ending.HELLO_INVALID);
        assertThat(found).hasSize(1);
        end(1, "192.0.2.1", Ending.HELLO_TIMEOUT);
        assertThat(found).hasSize(2);
    }

    @Test
    void shouldForgetOffencesAfterAMinute() {
        end(Offenders.STRIKES - 1, "192.0.2.1", Ending.NOT_TLS);
        now += Offenders.WINDOW_NANOS + 1;
        end(Offenders.STRIKES - 1, "192.0.2.1", Ending.NOT_TLS);
        assertThat(found).isEmpty();
    }

    @Test
    void shouldNotMindWhatIsNoFaultOfTheClient() {
        for (Ending ending : List.of(
                Ending.COMPLETED,
                Ending.CLIENT_RESET,
                Ending.UPSTREAM_FAILED,
                Ending.CONNECT_TIMEOUT,
                Ending.INTERNAL_ERROR,
                Ending.TOO_MANY_CONNECTIONS)) {
            end(3 * Offenders.STRIKES, "192.0.2.1", ending);
        }
        assertThat(found).isEmpty();
    }

    @Test
    void shouldTakeTheAddressesOfOneIpv6SubnetForOneSource() {
        for (int i = 0; i < Offenders.STRIKES; i++) {
            end(1, "2001:db8:0:1::" + Integer.toHexString(i + 1), Ending.NOT_TLS);
        }
        assertThat(found).hasSize(1);
        for (int i = 0; i < Offenders.STRIKES; i++) {
            end(1, "2001:db8:0:" + Integer.toHexString(i + 2) + "::1", Ending.NOT_TLS);
        }
        assertThat(found).hasSize(1);
    }

    @Test
    void shouldNeverBlameAPeerThatSpeaksForOthers() {
        offenders.trust(CidrSet.of(List.of(Cidr.parse("192.0.2.0/24"))));
        end(3 * Offenders.STRIKES, "192.0.2.1", Ending.NOT_TLS);
        assertThat(found).isEmpty();
        end(Offenders.STRIKES, "198.51.100.1", Ending.NOT_TLS);
        assertThat(found).hasSize(1);
    }
}
