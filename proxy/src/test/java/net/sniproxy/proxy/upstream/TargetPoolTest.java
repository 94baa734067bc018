package net.sniproxy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.Target;
import net.sniproxy.proxy.upstream.TargetPool.Member;
import org.junit.jupiter.api.Test;

/** Which target is whose turn. */
class TargetPoolTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");

    private long now = Long.MAX_VALUE - 10; // A clock that is about to wrap, as System.nanoTime may.

    private TargetPool pool(Balance balance, int targets) {
        return new TargetPool(
                IntStream.range(0, targets)
                        .mapToObj(i -> Target.parse("10.0.0." + i + ":443"))
                        .toList(),
                balance,
                () -> now);
    }

    private static List<InetAddress> clients(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> InetAddress.ofLiteral("198.18." + i / 256 + "." + i % 256))
                .toList();
    }

    private static Member first(TargetPool pool) {
        return pool.inOrder(CLIENT).getFirst();
    }

    @Test
    void shouldTakeTurnsAndOfferEveryTargetEachTime() {
        TargetPool pool = pool(Balance.ROUND_ROBIN, 3);
        List<Target> firsts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            List<Member> order = pool.inOrder(CLIENT);
            assertThat(order).doesNotHaveDuplicates().hasSize(3);
            firsts.add(order.getFirst().target());
        }
        assertThat(firsts.subList(0, 3)).doesNotHaveDuplicates().isEqualTo(firsts.subList(3, 6));
    }

    @Test
    void shouldCountConnectionsThatWereThereBefore() {
        TargetPool pool = pool(Balance.LEAST_CONNECTIONS, 2);
        Member busy = pool.find("10.0.0.0:443").orElseThrow();
        busy.acquire();
        for (int i = 0; i < 4; i++) {
            assertThat(first(pool).target()).hasToString("10.0.0.1:443");
        }
        busy.release();
        assertThat(pool.find("10.0.0.9:443")).isEmpty();
    }

    @Test
    void shouldChooseTheTargetWithTheLeastConnections() {
        TargetPool pool = pool(Balance.LEAST_CONNECTIONS, 3);
        List<Member> members = List.copyOf(pool.inOrder(CLIENT));
        for (int i = 0; i < 5; i++) {
            members.get(0).acquire();
        }
        members.get(1).acquire();
        for (int i = 0; i < 3; i++) {
            assertThat(pool.inOrder(CLIENT)).containsExactly(members.get(2), members.get(1), members.get(0));
        }
        for (int i = 0; i < 5; i++) {
            members.get(0).release();
        }
        members.get(2).acquire();
        assertThat(first(pool)).isSameAs(members.get(0));
    }

    @Test
    void shouldSpreadConnectionsEvenlyWhileNoneEnds() {
        TargetPool pool = pool(Balance.LEAST_CONNECTIONS, 4);
        for (int i = 0; i < 400; i++) {
            first(pool).acquire();
        }
        assertThat(pool.inOrder(CLIENT)).extracting(Member::connections).containsOnly(100);
    }

    @Test
    void shouldSendAClientToTheSameTargetAndAllClientsToAll() {
        TargetPool pool = pool(Balance.CLIENT_HASH, 4);
        Map<Target, Integer> load = new HashMap<>();
        for (InetAddress client : clients(4_000)) {
            Target target = pool.inOrder(client).getFirst().target();
            assertThat(pool.inOrder(client).getFirst().target()).isEqualTo(target);
            load.merge(target, 1, Integer::sum);
        }
        assertThat(load).hasSize(4);
        assertThat(load.values()).allMatch(count -> count > 800 && count < 1_200);
    }

    @Test
    void shouldMoveOnlyTheClientsOfATargetThatIsTakenAway() {
        TargetPool before = pool(Balance.CLIENT_HASH, 5);
        TargetPool after = pool(Balance.CLIENT_HASH, 4);
        Target gone = Target.parse("10.0.0.4:443");
        for (InetAddress client : clients(1_000)) {
            Target old = before.inOrder(client).getFirst().target();
            if (!old.equals(gone)) {
                assertThat(after.inOrder(client).getFirst().target()).isEqualTo(old);
            }
        }
    }

    /** A sort looks at pairs again and again; numbers that change under it make it give up. */
    @Test
    void shouldOrderTargetsWhileOthersUseThem() throws Exception {
        TargetPool pool = pool(Balance.LEAST_CONNECTIONS, 200);
        List<Member> members = List.copyOf(pool.inOrder(CLIENT));
        var done = new AtomicBoolean();
        Thread other = Thread.ofPlatform().start(() -> {
            var random = new SplittableRandom(1);
            while (!done.get()) {
                Member member = members.get(random.nextInt(members.size()));
                if (member.connections() > 0 && random.nextBoolean()) {
                    member.release();
                } else {
                    member.acquire();
                }
            }
        });
        try {
            for (int i = 0; i < 3_000; i++) {
                assertThat(pool.inOrder(CLIENT)).hasSize(members.size());
            }
        } finally {
            done.set(true);
            other.join();
        }
    }

    @Test
    void shouldNeverSetTheRequestedNameAside() {
        TargetPool pool = new TargetPool(
                List.of(Target.parse("*:443"), Target.parse("10.0.0.1:443")), Balance.ROUND_ROBIN, () -> now);
        Member requested = pool.find("*:443").orElseThrow();
        requested.failed();
        assertThat(List.of(first(pool), first(pool))).as("one after the other").contains(requested);
    }

    @Test
    void shouldSetAFailedTargetAsideForTwiceAsLongEachTimeInARow() {
        TargetPool pool = pool(Balance.CLIENT_HASH, 2);
        Member favourite = first(pool);
        long rest = TargetPool.SHORTEST_REST_SECONDS;
        for (int i = 0; i < 8; i++) {
            favourite.failed();
            assertThat(pool.inOrder(CLIENT)).as("still tried, as the last").endsWith(favourite);
            now += TimeUnit.SECONDS.toNanos(rest) - 1;
            assertThat(first(pool)).as("failure %d", i).isNotSameAs(favourite);
            now += 1;
            assertThat(first(pool)).as("failure %d", i).isSameAs(favourite);
            rest = Math.min(2 * rest, TargetPool.LONGEST_REST_SECONDS);
        }
        favourite.succeeded();
        favourite.failed();
        now += TimeUnit.SECONDS.toNanos(TargetPool.SHORTEST_REST_SECONDS);
        assertThat(first(pool)).as("a success ends the row").isSameAs(favourite);
    }
}
