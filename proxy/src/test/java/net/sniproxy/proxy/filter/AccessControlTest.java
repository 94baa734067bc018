package net.sniproxy.proxy.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.sniproxy.proxy.filter.Admission.Admitted;
import net.sniproxy.proxy.filter.Admission.Denied;
import net.sniproxy.proxy.filter.Admission.Reason;
import org.junit.jupiter.api.Test;

class AccessControlTest {
    private static final CidrSet EVERYONE = CidrSet.of(List.of());
    private static final OptionalInt ANY = OptionalInt.empty();

    /** Near the overflow of the clock. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(2));

    private AccessControl control(AccessLimits limits) {
        return new AccessControl(limits, clock::get);
    }

    private static InetAddress ip(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static Reason denied(AccessControl control, String source) {
        return ((Denied) control.admit(ip(source))).reason();
    }

    private static Admitted admitted(AccessControl control, String source) {
        return (Admitted) control.admit(ip(source));
    }

    @Test
    void shouldLetEveryoneInWithoutLimits() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, ANY, ANY));

        for (int i = 0; i < 1000; i++) {
            admitted(control, "192.0.2.1");
        }
        assertThat(control.open()).isEqualTo(1000);
    }

    @Test
    void shouldLetInOnlyAllowedSources() {
        AccessControl control = control(new AccessLimits(CidrSet.of(List.of(Cidr.parse("10.0.0.0/8"))), ANY, ANY, ANY));

        admitted(control, "10.1.1.1");
        assertThat(denied(control, "11.1.1.1")).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(denied(control, "::1")).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(control.open()).isEqualTo(1);
    }

    @Test
    void shouldLimitConnectionsAltogether() {
        AccessControl control = control(new AccessLimits(EVERYONE, OptionalInt.of(2), ANY, ANY));
        Admitted first = admitted(control, "192.0.2.1");
        admitted(control, "192.0.2.2");

        assertThat(denied(control, "192.0.2.3")).isEqualTo(Reason.TOO_MANY_CONNECTIONS);
        first.permit().close();
        first.permit().close();
        admitted(control, "192.0.2.3");
        assertThat(denied(control, "192.0.2.4")).isEqualTo(Reason.TOO_MANY_CONNECTIONS);
    }

    @Test
    void shouldLimitConnectionsOfOneSource() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, OptionalInt.of(2), ANY));
        Admitted first = admitted(control, "192.0.2.1");
        admitted(control, "192.0.2.1");

        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_MANY_FROM_SOURCE);
        admitted(control, "192.0.2.2");
        first.permit().close();
        admitted(control, "192.0.2.1");
    }

    @Test
    void shouldCountAnIpv6NetworkAsOneSource() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, OptionalInt.of(1), ANY));
        admitted(control, "2001:db8:0:1::1");

        assertThat(denied(control, "2001:db8:0:1:ffff::2")).isEqualTo(Reason.TOO_MANY_FROM_SOURCE);
        admitted(control, "2001:db8:0:2::1");
    }

    @Test
    void shouldLimitTheRateOfOneSource() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, ANY, OptionalInt.of(4)));
        for (int i = 0; i < 4; i++) {
            admitted(control, "192.0.2.1");
        }

        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_FAST_FROM_SOURCE);
        admitted(control, "192.0.2.2");
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(249));
        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_FAST_FROM_SOURCE);
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        admitted(control, "192.0.2.1");
        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_FAST_FROM_SOURCE);
    }

    @Test
    void shouldNotSaveUpMoreThanASecondOfRateAcrossTheOverflowOfTheClock() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, ANY, OptionalInt.of(3)));
        admitted(control, "192.0.2.1");
        clock.addAndGet(TimeUnit.SECONDS.toNanos(100));

        for (int i = 0; i < 3; i++) {
            admitted(control, "192.0.2.1");
        }
        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_FAST_FROM_SOURCE);
    }

    @Test
    void shouldHoldNothingForSourcesThatAreGoneOrWereDenied() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, OptionalInt.of(1), OptionalInt.of(1)));
        Admitted first = admitted(control, "192.0.2.1");
        denied(control, "192.0.2.1");
        first.permit().close();

        assertThat(control.open()).isZero();
        assertThat(control.sources()).isZero();
    }

    @Test
    void shouldRememberAFixedNumberOfRates() {
        SourceRates rates = new SourceRates(100);
        for (int i = 0; i < 10_000; i++) {
            assertThat(rates.admit(new Source(false, i), 1, 0)).isTrue();
        }

        assertThat(rates.size()).isEqualTo(100);
        assertThat(rates.admit(new Source(false, 9999), 1, 0)).isFalse();
    }

    @Test
    void shouldDecideByNewLimitsAndGoOnCounting() {
        AccessControl control = control(new AccessLimits(EVERYONE, ANY, ANY, ANY));
        admitted(control, "192.0.2.1");
        control.limits(new AccessLimits(EVERYONE, ANY, OptionalInt.of(1), ANY));

        assertThat(denied(control, "192.0.2.1")).isEqualTo(Reason.TOO_MANY_FROM_SOURCE);
    }

    @Test
    void shouldNeverLetInMoreThanTheLimitFromManyThreads() throws Exception {
        AccessControl control = control(new AccessLimits(EVERYONE, OptionalInt.of(8), OptionalInt.of(8), ANY));
        AtomicInteger held = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> highest = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                highest.add(threads.submit(() -> openAndClose(control, held)));
            }
            int most = 0;
            for (Future<Integer> ofThread : highest) {
                most = Math.max(most, ofThread.get(60, TimeUnit.SECONDS));
            }
            assertThat(most).isBetween(4, 8);
        }
        assertThat(control.open()).isZero();
        assertThat(control.sources()).isZero();
    }

    /** Asks for four permits at a time, so that four threads ask for twice the limit; returns the most held by all. */
    private static int openAndClose(AccessControl control, AtomicInteger held) {
        int most = 0;
        for (int round = 0; round < 2000; round++) {
            List<Admitted> permits = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                if (control.admit(ip("192.0.2.1")) instanceof Admitted admitted) {
                    permits.add(admitted);
                    most = Math.max(most, held.incrementAndGet());
                }
            }
            held.addAndGet(-permits.size());
            permits.forEach(admitted -> admitted.permit().close());
        }
        return most;
    }
}
