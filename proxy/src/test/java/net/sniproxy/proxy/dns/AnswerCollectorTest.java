package net.sniproxy.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import net.sniproxy.proxy.dns.AddressCache.Lifetimes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Netty tells of an answer one address at a time; it is kept when it is whole, for the lowest of its times. */
class AnswerCollectorTest {
    private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress THIRD = InetAddress.ofLiteral("192.0.2.3");

    private final EventLoop loop = new DefaultEventLoop();
    private final AddressCache cache = new AddressCache(
            10,
            new Lifetimes(Duration.ZERO, Duration.ofHours(1), Duration.ofSeconds(10)),
            () -> Duration.ofSeconds(this.seconds).toNanos());
    private final AnswerCollector collector = new AnswerCollector(cache);
    private long seconds = 1;

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    private List<InetAddress> known() {
        return cache.get("a.test", null).stream()
                .<InetAddress>map(DnsCacheEntry::address)
                .toList();
    }

    @Test
    void shouldKeepAnAnswerForTheLowestOfItsTimesWhereverThatStands() {
        for (List<Integer> times : List.of(List.of(60, 300, 300), List.of(300, 60, 300), List.of(300, 300, 60))) {
            collector.cache("a.test", null, FIRST, times.get(0), loop);
            collector.cache("a.test.", null, SECOND, times.get(1), loop);
            collector.cache("a.test", null, THIRD, times.get(2), loop);
            collector.complete("a.test");
            seconds += 59;
            assertThat(known()).as(times.toString()).containsExactly(FIRST, SECOND, THIRD);
            seconds += 1;
            assertThat(known()).as(times.toString()).isEmpty();
        }
    }

    @Test
    void shouldKeepNothingOfAnAnswerThatIsNotWholeYet() {
        collector.cache("a.test", null, FIRST, 60, loop);
        assertThat(known()).isEmpty();
        collector.complete("b.test");
        assertThat(known()).isEmpty();
        collector.cache("a.test", null, SECOND, 60, loop);
        collector.cache("a.test", null, SECOND, 60, loop);
        collector.complete("a.test");
        assertThat(known()).containsExactly(FIRST, SECOND);
    }

    @Test
    void shouldReplaceTheAnswerBefore() {
        collector.cache("a.test", null, FIRST, 300, loop);
        collector.complete("a.test");
        collector.cache("a.test", null, SECOND, 60, loop);
        collector.complete("a.test");
        assertThat(known()).containsExactly(SECOND);
    }
}
