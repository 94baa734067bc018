package net.sniproxy.proxy.upstream;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.Target;

/**
 * The targets of one route: which is whose turn, how busy each is, and which have failed lately. Thread-safe.
 *
 * <p>A target that fails is set aside for {@value #SHORTEST_REST_SECONDS} seconds, each time in a row for twice as long, at most
 * {@value #LONGEST_REST_SECONDS}. It is still tried when all others have failed too.
 */
final class TargetPool {
    static final long SHORTEST_REST_SECONDS = 2;
    static final long LONGEST_REST_SECONDS = 64;

    private final Balance balance;
    private final List<Member> members;
    private final LongSupplier nanoTime;
    private final AtomicInteger turn = new AtomicInteger();

    TargetPool(List<Target> targets, Balance balance, LongSupplier nanoTime) {
        this.balance = balance;
        this.nanoTime = nanoTime;
        this.members =
                targets.stream().map(target -> new Member(target, nanoTime)).toList();
    }

    /** All targets in the order in which they are to be tried for a client. */
    List<Member> inOrder(InetAddress client) {
        if (members.size() == 1) {
            return members;
        }
        List<Member> order = new ArrayList<>(members);
        switch (balance) {
            case ROUND_ROBIN -> Collections.rotate(order, -Math.floorMod(turn.getAndIncrement(), order.size()));
            case LEAST_CONNECTIONS -> {
                // Equally busy ones take turns.
                Collections.rotate(order, -Math.floorMod(turn.getAndIncrement(), order.size()));
                sort(order, Member::connections);
            }
            case CLIENT_HASH -> order.sort(Comparator.comparingLong(member -> member.weightFor(client)));
        }
        long now = nanoTime.getAsLong();
        sort(order, member -> member.rests(now));
        return order;
    }

    /** Other event loops change what members are sorted by: it is read once, because a sort fails where it changes meanwhile. */
    private static <K extends Comparable<K>> void sort(List<Member> members, Function<Member, K> key) {
        Map<Member, K> keys = new IdentityHashMap<>(members.size());
        members.forEach(member -> keys.put(member, key.apply(member)));
        members.sort(Comparator.comparing(keys::get));
    }

    /** Whether anything is known of it that a new pool would not know. */
    boolean isRemembered() {
        long now = nanoTime.getAsLong();
        return members.stream().anyMatch(member -> member.connections() != 0 || member.rests(now));
    }

    /** The target that is written like this. */
    Optional<Member> find(String target) {
        return members.stream()
                .filter(member -> member.target().toString().equals(target))
                .findFirst();
    }

    /** One target. */
    static final class Member {
        private final Target target;
        private final long hash;
        private final LongSupplier nanoTime;
        private final AtomicInteger connections = new AtomicInteger();
        private volatile int failuresInARow;
        private volatile long restsUntil;

        Member(Target target, LongSupplier nanoTime) {
            this.target = target;
            this.nanoTime = nanoTime;
            this.hash = mix(target.toString().hashCode());
        }

        Target target() {
            return target;
        }

        int connections() {
            return connections.get();
        }

        /** A connection to it is being made, or is open. */
        void acquire() {
            connections.incrementAndGet();
        }

        /** That connection has ended. */
        void release() {
            connections.decrementAndGet();
        }

        void succeeded() {
            if (failuresInARow != 0) {
                failuresInARow = 0;
            }
        }

        /**
         * Counts of several event loops may get lost in each other; the rest is then a little shorter. A target that takes its host from
         * the requested name is never set aside: clients choose names, and one that leads nowhere says nothing of the others.
         */
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        void failed() {
            if (target instanceof Target.Requested) {
                return;
            }
            int failures = Math.min(failuresInARow + 1, 6);
            failuresInARow = failures;
            long rest = Math.min(LONGEST_REST_SECONDS, SHORTEST_REST_SECONDS << (failures - 1));
            restsUntil = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(rest);
        }

        boolean rests(long now) {
            return failuresInARow != 0 && restsUntil - now > 0;
        }

        /** Rendezvous hashing: when a target goes, only its own clients go elsewhere. */
        private long weightFor(InetAddress client) {
            return mix(hash ^ client.hashCode());
        }

        private static long mix(long value) {
            long z = value * 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }
    }
}
