package net.sniproxy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Happy Eyeballs with attempts that end when the test says so. */
class AddressRaceTest {
    private static final long PATIENCE_SECONDS = 20;

    private final EventLoop loop = new DefaultEventLoop();
    private final BlockingQueue<Try> tries = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> outcome = new LinkedBlockingQueue<>();
    private final List<Try> all = new ArrayList<>();
    private final AddressRace race = new AddressRace(loop, this::open, new AddressRace.Listener() {
        @Override
        public void won(DuplexChannel channel, InetSocketAddress address) {
            outcome.add("won by " + address.getAddress().getHostAddress());
        }

        @Override
        public void lost(String failure) {
            outcome.add("lost: " + failure);
        }
    });

    /** One attempt. */
    private static final class Try {
        private final InetSocketAddress address;
        private final boolean onlyOne;
        private final Promise<DuplexChannel> result;
        private final long beganNanos = System.nanoTime();
        private volatile boolean abandoned;

        Try(InetSocketAddress address, boolean onlyOne, Promise<DuplexChannel> result) {
            this.address = address;
            this.onlyOne = onlyOne;
            this.result = result;
        }

        @Override
        public String toString() {
            return address.getAddress().getHostAddress();
        }
    }

    private Opener.Attempt open(EventLoop on, InetSocketAddress address, boolean onlyOne) {
        var attempt = new Try(address, onlyOne, on.newPromise());
        tries.add(attempt);
        return new Opener.Attempt(() -> attempt.abandoned = true, attempt.result);
    }

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    private void on(Runnable action) {
        loop.submit(action).syncUninterruptibly();
    }

    private static List<InetSocketAddress> addresses(String... literals) {
        return Arrays.stream(literals)
                .map(literal -> new InetSocketAddress(InetAddress.ofLiteral(literal), 443))
                .toList();
    }

    private Try nextTry() throws InterruptedException {
        Try next = tries.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("another attempt begins").isNotNull();
        all.add(next);
        return next;
    }

    private String outcome() throws InterruptedException {
        return outcome.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void fail(Try attempt) {
        on(() -> attempt.result.setFailure(new IOException("refused " + attempt)));
    }

    @Test
    void shouldTakeTheFamiliesInTurn() throws Exception {
        on(() -> {
            race.add(addresses("2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:2", "2001:db8:0:0:0:0:0:3"));
            race.add(addresses("192.0.2.1", "192.0.2.2"));
            race.complete();
        });
        for (int i = 0; i < 5; i++) {
            fail(nextTry());
        }
        assertThat(all)
                .extracting(Try::toString)
                .containsExactly(
                        "2001:db8:0:0:0:0:0:1",
                        "192.0.2.1",
                        "2001:db8:0:0:0:0:0:2",
                        "192.0.2.2",
                        "2001:db8:0:0:0:0:0:3");
        assertThat(outcome()).isEqualTo("lost: [2001:db8:0:0:0:0:0:3]:443: refused 2001:db8:0:0:0:0:0:3");
    }

    @Test
    void shouldTryTheOtherFamilyWhenTheFirstDoesNotAnswerAndCloseTheLoser() throws Exception {
        on(() -> {
            race.add(addresses("2001:db8::1"));
            race.add(addresses("192.0.2.1"));
            race.complete();
        });
        Try first = nextTry();
        Try second = nextTry();
        assertThat(second.beganNanos - first.beganNanos)
                .as("the Connection Attempt Delay passes first")
                .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(AddressRace.ATTEMPT_DELAY_MILLIS - 1));
        var winner = new NioSocketChannel();
        on(() -> second.result.setSuccess(winner));
        assertThat(outcome()).isEqualTo("won by 192.0.2.1");
        assertThat(first.abandoned).isTrue();
        assertThat(second.abandoned).isFalse();
        on(() -> first.result.setFailure(new IOException("closed")));
        assertThat(outcome).as("told once").isEmpty();
        winner.unsafe().closeForcibly();
    }

    @Test
    void shouldLetASlowFirstAttemptWinWhileASecondIsUnderWay() throws Exception {
        on(() -> {
            race.add(addresses("192.0.2.1", "2001:db8::1"));
            race.complete();
        });
        Try first = nextTry();
        Try second = nextTry();
        var winner = new NioSocketChannel();
        on(() -> first.result.setSuccess(winner));
        assertThat(outcome()).isEqualTo("won by 192.0.2.1");
        assertThat(second.abandoned).isTrue();
        winner.unsafe().closeForcibly();
    }

    @Test
    void shouldSayThatAnAddressIsTheOnlyOneIfItIs() throws Exception {
        record Case(List<InetSocketAddress> addresses, boolean complete, boolean onlyOne) {}
        List<Case> cases = List.of(
                new Case(addresses("192.0.2.1"), true, true),
                new Case(addresses("192.0.2.1"), false, false),
                new Case(addresses("192.0.2.1", "192.0.2.2"), true, false),
                new Case(addresses("192.0.2.1", "2001:db8::1"), true, false));
        for (Case each : cases) {
            var held = new AddressRace(loop, this::open, new AddressRace.Listener() {
                @Override
                public void won(DuplexChannel channel, InetSocketAddress address) {}

                @Override
                public void lost(String failure) {}
            });
            on(() -> {
                held.hold();
                held.add(each.addresses);
                if (each.complete) {
                    held.complete();
                }
                assertThat(tries).as("held").isEmpty();
                held.release();
            });
            assertThat(nextTry().onlyOne).as(each.toString()).isEqualTo(each.onlyOne);
            // Another one may have begun if this took longer than the delay between two.
            on(() -> {
                held.cancel();
                tries.clear();
            });
        }
    }

    @Test
    void shouldWaitForMoreAddressesBeforeItGivesUp() throws Exception {
        on(() -> race.add(addresses("192.0.2.1")));
        fail(nextTry());
        assertThat(outcome).isEmpty();
        on(() -> race.add(addresses("2001:db8::1")));
        fail(nextTry());
        assertThat(outcome).isEmpty();
        on(race::complete);
        assertThat(outcome()).startsWith("lost: ");
    }

    @Test
    void shouldCloseWhatIsUnderWayWhenItIsCancelled() throws Exception {
        on(() -> {
            race.add(addresses("192.0.2.1", "192.0.2.2"));
            race.complete();
        });
        Try first = nextTry();
        on(race::cancel);
        assertThat(first.abandoned).isTrue();
        var late = new NioSocketChannel();
        on(() -> first.result.setSuccess(late));
        assertThat(outcome).isEmpty();
        late.unsafe().closeForcibly();
    }
}
