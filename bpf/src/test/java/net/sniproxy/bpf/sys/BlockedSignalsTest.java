package net.sniproxy.bpf.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import org.junit.jupiter.api.Test;

class BlockedSignalsTest {
    private static final int HUP = 1;
    private static final int TERM = 15;

    /** Answers in order, and keeps the last set it was asked for. */
    private static final class Answers extends FakeSystemCalls {
        private final Deque<Integer> results;
        private long set;

        Answers(Integer... results) {
            this.results = new ArrayDeque<>(List.of(results));
        }

        @Override
        public int awaitSignal(MemorySegment signals) {
            set = signals.get(ValueLayout.JAVA_LONG, 0);
            return results.remove();
        }
    }

    @Test
    void shouldWaitOnWhenInterrupted() {
        Answers kernel = new Answers(-Errno.EINTR.number(), -Errno.EINTR.number(), TERM);
        assertThat(new BlockedSignals(kernel, Set.of(HUP, TERM)).take()).isEqualTo(TERM);
        assertThat(kernel.set).isEqualTo(0b100_0000_0000_0001);
    }

    @Test
    void shouldSayWhyItCannotWait() {
        Answers kernel = new Answers(-Errno.EINVAL.number());
        assertThatThrownBy(() -> new BlockedSignals(kernel, Set.of(HUP)).take())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("EINVAL");
    }

    @Test
    void shouldSeeThatSignalsAreNotBlockedInAnOrdinaryProcess() {
        assertThat(BlockedSignals.blocked(Set.of(HUP, TERM))).isFalse();
    }
}
