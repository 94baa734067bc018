package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What two legs agreed to with their peers decides what packets may carry from one to the other. */
class SplicePlanTest {
    private static final FlowKey FROM_CLIENT = key("10.77.1.1", 40_123, "10.77.1.2", 443);
    private static final FlowKey FROM_UPSTREAM = key("10.77.2.1", 443, "10.77.2.2", 33_456);

    /** What one leg agreed to, and whether its peer is on the link. */
    private record Leg(boolean sack, boolean ecn, boolean onLink) {
        SpliceLeg at(FlowKey incoming, int ifindex) {
            return new SpliceLeg(incoming, 0, 0, 0, 0, 7, 7, false, sack, ecn, ifindex, onLink);
        }

        @Override
        public String toString() {
            return "[" + (sack ? "SACK " : "") + (ecn ? "ECN " : "") + (onLink ? "on link" : "") + "]";
        }
    }

    /**
     * Two legs, and the flags that follow.
     *
     * @param up of packets to the upstream
     * @param down of packets to the client
     */
    private record Case(Leg client, Leg upstream, int up, int down) {}

    private static final Leg PLAIN = new Leg(false, false, false);
    private static final Leg SACK = new Leg(true, false, false);
    private static final Leg ECN = new Leg(false, true, false);
    private static final Leg ON_LINK = new Leg(false, false, true);
    private static final Leg ALL = new Leg(true, true, true);

    /** SACK blocks and the next hop are matters of the receiver's leg; ECN marks mean something on both legs or nothing. */
    static Stream<Case> cases() {
        int all = Flow.SACK | Flow.ECN | Flow.ON_LINK;
        return Stream.of(
                new Case(PLAIN, PLAIN, 0, 0),
                new Case(SACK, PLAIN, 0, Flow.SACK),
                new Case(PLAIN, SACK, Flow.SACK, 0),
                new Case(SACK, SACK, Flow.SACK, Flow.SACK),
                new Case(ECN, PLAIN, 0, 0),
                new Case(PLAIN, ECN, 0, 0),
                new Case(ECN, ECN, Flow.ECN, Flow.ECN),
                new Case(SACK, ECN, 0, Flow.SACK),
                new Case(ECN, SACK, Flow.SACK, 0),
                new Case(ON_LINK, PLAIN, 0, Flow.ON_LINK),
                new Case(PLAIN, ON_LINK, Flow.ON_LINK, 0),
                new Case(ALL, PLAIN, 0, Flow.SACK | Flow.ON_LINK),
                new Case(PLAIN, ALL, Flow.SACK | Flow.ON_LINK, 0),
                new Case(ALL, ALL, all, all));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldAllowEachDirectionWhatItsReceiverAgreedTo(Case legs) {
        SplicePlan plan = SplicePlan.of(
                1, legs.client.at(FROM_CLIENT, 3), legs.upstream.at(FROM_UPSTREAM, 4), 517, 0, System.nanoTime());
        assertThat(plan.upKey()).isEqualTo(FROM_CLIENT);
        assertThat(plan.up().ifindex).as("way to the upstream").isEqualTo(4);
        assertThat(plan.up().flags).as("flags to the upstream").isEqualTo(legs.up);
        assertThat(plan.downKey()).isEqualTo(FROM_UPSTREAM);
        assertThat(plan.down().ifindex).as("way to the client").isEqualTo(3);
        assertThat(plan.down().flags).as("flags to the client").isEqualTo(legs.down);
    }

    private static FlowKey key(String from, int fromPort, String to, int toPort) {
        return FlowKeys.of(new InetSocketAddress(from, fromPort), new InetSocketAddress(to, toPort));
    }
}
