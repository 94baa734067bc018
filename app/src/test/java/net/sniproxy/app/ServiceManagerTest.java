package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.Kernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager hears: the test is one. */
class ServiceManagerTest {
    @TempDir
    Path folder;

    private NotifySocket socket;
    private Path address;

    @BeforeEach
    void listen() {
        address = folder.resolve("notify");
        socket = new NotifySocket(address);
    }

    @AfterEach
    void stopListening() {
        socket.close();
    }

    private ServiceManager manager(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(Map.of("NOTIFY_SOCKET", address.toString()));
        environment.putAll(more);
        return ServiceManager.of(Kernel.running(), environment);
    }

    @Test
    void shouldTellItsLife() throws Exception {
        try (ServiceManager manager = manager(Map.of())) {
            manager.ready("listens on 127.0.0.1:443\nREADY=0");
            assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=listens on 127.0.0.1:443; READY=0");
            manager.reloading();
            assertThat(socket.next()).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
            manager.ready("again");
            assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=again");
            manager.stopping(Duration.ofSeconds(30));
            assertThat(socket.next()).isEqualTo("STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000");
        }
    }

    @Test
    void shouldFeedTheWatchdogOnlyWhileAllIsWell() throws Exception {
        AtomicReference<CompletableFuture<Void>> health =
                new AtomicReference<>(CompletableFuture.completedFuture(null));
        Semaphore asked = new Semaphore(0);
        try (ServiceManager manager = manager(Map.of("WATCHDOG_USEC", "10000"))) {
            manager.watch(() -> {
                asked.release();
                return health.get();
            });
            assertThat(socket.next()).isEqualTo("WATCHDOG=1");
            assertThat(socket.next()).isEqualTo("WATCHDOG=1");

            health.set(new CompletableFuture<>());
            awaitQuestions(asked);
            // What was said while all was well has been said before this.
            manager.ready("unwell");
            while (!socket.next().contains("unwell")) {}
            awaitQuestions(asked);
            manager.ready("still unwell");
            assertThat(socket.next()).contains("still unwell");

            health.set(CompletableFuture.completedFuture(null));
            assertThat(socket.next()).isEqualTo("WATCHDOG=1");
        }
    }

    /** Waits for the answers to two more questions: the third has been asked when they are there. */
    private static void awaitQuestions(Semaphore asked) throws InterruptedException {
        asked.drainPermits();
        assertThat(asked.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldNotFeedTheWatchdogOfAnotherProcess() throws Exception {
        Semaphore asked = new Semaphore(0);
        try (ServiceManager manager = manager(Map.of("WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1"))) {
            manager.watch(() -> {
                asked.release();
                return CompletableFuture.completedFuture(null);
            });
            assertThat(asked.tryAcquire(100, TimeUnit.MILLISECONDS)).isFalse();
            manager.ready("nothing else");
            assertThat(socket.next()).contains("nothing else");
        }
    }

    @Test
    void shouldBeSilentWithoutAManagerOrWithADeafOne() {
        for (Map<String, String> environment : List.of(
                Map.<String, String>of(),
                Map.of("NOTIFY_SOCKET", folder.resolve("absent").toString()),
                Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)))) {
            assertThatCode(() -> {
                        try (ServiceManager manager = ServiceManager.of(Kernel.running(), environment)) {
                            manager.ready("here");
                            manager.stopping(Duration.ZERO);
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }
}
