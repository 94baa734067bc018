package net.sniproxy.bpf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TasksTest {
    private final Set<Integer> done = new ConcurrentSkipListSet<>();

    @Test
    void shouldHaveRunAllWhenItReturns() {
        List<Runnable> tasks = IntStream.range(0, 50)
                .mapToObj(number -> (Runnable) () -> done.add(number))
                .toList();

        Tasks.runAll(tasks);

        assertThat(done).hasSize(50);
    }

    @Test
    void shouldThrowTheFirstFailureAfterAllOthersHaveEnded() {
        IllegalArgumentException first = new IllegalArgumentException("first");
        Error second = new AssertionError("second");
        List<Runnable> tasks = List.of(
                () -> done.add(1),
                () -> {
                    throw first;
                },
                () -> {
                    throw second;
                },
                () -> done.add(2));

        assertThatThrownBy(() -> Tasks.runAll(tasks)).isSameAs(first).hasSuppressedException(second);
        assertThat(done).containsExactly(1, 2);
    }

    @Test
    void shouldGiveWhatABegunTaskGaveToAllWhoAsk() {
        Supplier<Thread> begun = Tasks.begin(Thread::currentThread);

        assertThat(begun.get()).isNotSameAs(Thread.currentThread()).isSameAs(begun.get());
    }

    @Test
    void shouldThrowOnceWhatATaskThrewThatOthersWaitFor() {
        IllegalStateException failure = new IllegalStateException("no types");
        Supplier<Integer> begun = Tasks.begin(() -> {
            throw failure;
        });

        assertThatThrownBy(() -> Tasks.runAll(List.of(begun::get, begun::get)))
                .isSameAs(failure)
                .hasNoSuppressedExceptions();
    }
}
