package net.sniproxy.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.proxy.dns.AddressCache.Lifetimes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long answers live, and how many there are at most. */
class AddressCacheTest {
    private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("192.0.2.2");

    private final EventLoop loop = new DefaultEventLoop();
    private long seconds = -5; // System.nanoTime may be negative too.

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    private AddressCache cache(int capacity, int shortest, int longest, int failure) {
        var lifetimes =
                new Lifetimes(Duration.ofSeconds(shortest), Duration.ofSeconds(longest), Duration.ofSeconds(failure));
        return new AddressCache(
                capacity, lifetimes, () -> Duration.ofSeconds(seconds).toNanos());
    }

    private static List<InetAddress> addresses(AddressCache cache, String name) {
        return cache.get(name, null).stream()
                .<InetAddress>map(DnsCacheEntry::address)
                .toList();
    }

    /** An answer with a TTL, looked for after so many seconds. */
    private record Life(int ttl, int shortest, int longest, int after, boolean known) {}

    @Test
    void shouldKeepAnAnswerForItsTtlWithinTheBounds() {
        List<Life> lives = List.of(
                new Life(60, 0, 3600, 59, true),
                new Life(60, 0, 3600, 60, false),
                new Life(0, 0, 3600, 0, false),
                new Life(0, 5, 3600, 4, true),
                new Life(3, 5, 3600, 5, false),
                new Life(86_400, 0, 3600, 3599, true),
                new Life(86_400, 0, 3600, 3600, false),
                new Life(Integer.MAX_VALUE, 0, 3600, 3600, false));
        for (Life life : lives) {
            AddressCache cache = cache(10, life.shortest, life.longest, 0);
            cache.cache("a.test", null, FIRST, life.ttl, loop);
            seconds += life.after;
            assertThat(addresses(cache, "a.test")).as(life.toString()).hasSize(life.known ? 1 : 0);
        }
    }

    @Test
    void shouldForgetTheNameThatWasNotAskedForTheLongest() {
        AddressCache cache = cache(3, 0, 3600, 10);
        for (String name : List.of("a.test", "b.test", "c.test")) {
            cache.cache(name, null, FIRST, 60, loop);
        }
        assertThat(addresses(cache, "a.test")).hasSize(1);
        cache.cache("d.test", null, FIRST, 60, loop);
        assertThat(cache.size()).isEqualTo(3);
        assertThat(addresses(cache, "b.test")).isEmpty();
        assertThat(addresses(cache, "a.test")).hasSize(1);
    }

    @Test
    void shouldStayWithinItsCapacityWhateverNamesAreAskedFor() {
        AddressCache cache = cache(100, 0, 3600, 10);
        for (int i = 0; i < 10_000; i++) {
            if (i % 2 == 0) {
                cache.cache("name" + i + ".test", null, FIRST, 60, loop);
            } else {
                cache.cache("name" + i + ".test", null, new UnknownHostException(), loop);
            }
            assertThat(cache.size()).isLessThanOrEqualTo(100);
        }
        assertThat(addresses(cache, "name9998.test")).containsExactly(FIRST);
    }

    @Test
    void shouldSpareNamesInUseFromThoseThatComeOnce() {
        AddressCache cache = cache(10, 0, 3600, 10);
        cache.cache("used.test", null, FIRST, 60, loop);
        for (int i = 0; i < 1_000; i++) {
            cache.cache("once" + i + ".test", null, FIRST, 60, loop);
            assertThat(addresses(cache, "used.test")).as("after %s others", i).containsExactly(FIRST);
        }
    }

    @Test
    void shouldTakeTheFirstWhenAllAreInUse() {
        AddressCache cache = cache(3, 0, 3600, 10);
        for (String name : List.of("a.test", "b.test", "c.test")) {
            cache.cache(name, null, FIRST, 60, loop);
            assertThat(addresses(cache, name)).hasSize(1);
        }
        cache.cache("d.test", null, SECOND, 60, loop);
        assertThat(addresses(cache, "a.test")).isEmpty();
        assertThat(addresses(cache, "d.test")).containsExactly(SECOND);
        assertThat(cache.size()).isEqualTo(3);
    }

    @Test
    void shouldReplaceAnAnswerAsAWhole() {
        AddressCache cache = cache(10, 0, 3600, 10);
        cache.store("a.test", List.of(FIRST, SECOND), 10);
        assertThat(addresses(cache, "a.test")).containsExactly(FIRST, SECOND);
        seconds += 5;
        cache.store("a.test.", List.of(SECOND), 10);
        seconds += 9;
        assertThat(addresses(cache, "a.test")).containsExactly(SECOND);
        seconds += 1;
        assertThat(addresses(cache, "a.test")).isEmpty();
        assertThat(cache.size()).isZero();
    }

    /** Readers and writers on few places: each name has addresses of its own, and none may ever show another's. */
    @Test
    void shouldGiveEachNameItsOwnAddressesToManyThreads() throws Exception {
        AddressCache cache = cache(16, 0, 3600, 10);
        AtomicInteger hits = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                tasks.add(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        int number = random.nextInt(64);
                        InetAddress own = InetAddress.ofLiteral("192.0.2." + number);
                        List<InetAddress> found = addresses(cache, "host" + number + ".test");
                        if (found.isEmpty()) {
                            cache.store("host" + number + ".test", List.of(own), 60);
                        } else {
                            assertThat(found).containsExactly(own);
                            hits.incrementAndGet();
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        }
        assertThat(cache.size()).isEqualTo(16);
        assertThat(hits.get()).isPositive();
    }

    @Test
    void shouldRememberAFailureUntilItExpiresOrAnAnswerComes() {
        AddressCache cache = cache(10, 0, 3600, 10);
        var failure = new UnknownHostException("a.test");
        cache.cache("a.test", null, failure, loop);
        assertThat(cache.get("a.test", null))
                .singleElement()
                .satisfies(entry -> assertThat(entry.cause())
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage("a.test"));
        seconds += 10;
        assertThat(cache.get("a.test", null)).isEmpty();
        cache.cache("a.test", null, failure, loop);
        cache.cache("a.test", null, FIRST, 60, loop);
        assertThat(addresses(cache, "a.test")).containsExactly(FIRST);
    }

    @Test
    void shouldRememberNoFailureIfItMayNot() {
        AddressCache cache = cache(10, 0, 3600, 0);
        cache.cache("a.test", null, new UnknownHostException(), loop);
        assertThat(cache.size()).isZero();
    }

    @Test
    void shouldForgetWhatItIsToldToForget() {
        AddressCache cache = cache(10, 0, 3600, 10);
        cache.cache("a.test", null, FIRST, 60, loop);
        cache.cache("b.test", null, FIRST, 60, loop);
        assertThat(cache.clear("a.test.")).isTrue();
        assertThat(cache.clear("a.test")).isFalse();
        cache.clear();
        assertThat(cache.size()).isZero();
    }
}
