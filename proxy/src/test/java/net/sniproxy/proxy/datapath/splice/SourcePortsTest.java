package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;
import org.junit.jupiter.api.Test;

class SourcePortsTest {
    private static final InetAddress OWN = InetAddress.ofLiteral("192.0.2.1");
    private static final InetSocketAddress UPSTREAM = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 443);

    @Test
    void shouldLeaveReservedPortsAlone() {
        EphemeralPorts ports = new EphemeralPorts("1000\t1009\n", "1001,1003-1008\n");
        assertThat(IntStream.range(0, ports.count()).map(ports::at)).containsExactly(1000, 1002, 1009);
    }

    @Test
    void shouldRefuseSettingsThatLeaveNoPort() {
        assertThatThrownBy(() -> new EphemeralPorts("1000 1001", "1000-1001"))
                .hasMessageContaining("ip_local_reserved_ports");
    }

    @Test
    void shouldReadTheWholeRangeOfTheSystem() {
        EphemeralPorts ports = EphemeralPorts.ofSystem();
        assertThat(ports.count()).isGreaterThan(100);
        assertThat(ports.at(0)).isGreaterThanOrEqualTo(1024);
    }

    @Test
    void shouldNeverPickThePortOfALiveFlow() throws BindException {
        EphemeralPorts range = new EphemeralPorts("40000 40009", "");
        Set<FlowKey> live = new HashSet<>();
        SourcePorts ports = new SourcePorts(range, live::contains);
        Set<Integer> picked = new HashSet<>();
        for (int i = 0; i < range.count(); i++) {
            InetSocketAddress end = ports.pick(UPSTREAM, OWN);
            picked.add(end.getPort());
            live.add(FlowKeys.of(UPSTREAM, end));
        }
        assertThat(picked).hasSize(10);
        assertThatThrownBy(() -> ports.pick(UPSTREAM, OWN)).hasMessageContaining("ip_local_port_range");
        InetSocketAddress elsewhere = new InetSocketAddress(UPSTREAM.getAddress(), 8443);
        assertThat(ports.pick(elsewhere, OWN).getAddress()).isEqualTo(OWN);
        live.remove(FlowKeys.of(UPSTREAM, new InetSocketAddress(OWN, 40003)));
        assertThat(ports.pick(UPSTREAM, OWN).getPort()).isEqualTo(40003);
    }
}
