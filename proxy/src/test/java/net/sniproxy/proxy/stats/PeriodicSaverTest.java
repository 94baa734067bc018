package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicSaverTest {
    private static final Duration NEVER = Duration.ofDays(1);

    @Test
    void shouldGoOnAfterAFailure() throws Exception {
        CountDownLatch turns = new CountDownLatch(3);
        Saved failing = () -> {
            turns.countDown();
            throw new IOException("no space left");
        };
        Saved wrong = () -> {
            throw new IllegalStateException("a fault of ours");
        };
        try (PeriodicSaver saver = new PeriodicSaver(List.of(failing, wrong), Duration.ofMillis(5))) {
            assertThat(saver).isNotNull();
            assertThat(turns.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldSaveOnceMoreWhenClosed() {
        AtomicInteger saves = new AtomicInteger();
        new PeriodicSaver(List.of(saves::incrementAndGet), NEVER).close();
        assertThat(saves).hasValue(1);
    }
}
