package net.sniproxy.bpf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TasksTest {
    private final Set<Integer> done = new ConcurrentSkipListSet<>();

    @Test
    void shouldRunAllThatWereBegun() {
        List<FutureTask<Boolean>> tasks = IntStream.range(0, 50)
                .mapToObj(number -> new FutureTask<>(() -> done.add(number)))
                .toList();

        Tasks.beginInOrder(tasks);
        Tasks.awaitAll(tasks);

        assertThat(done).hasSize(50);
    }

    @Test
    void shouldLetATaskWaitForOneThatComesBeforeIt() {
        FutureTask<Thread> first = new FutureTask<>(Thread::currentThread);
        FutureTask<Thread> second = new FutureTask<>(() -> Tasks.await(first));
        FutureTask<Thread> other = new FutureTask<>(() -> Tasks.await(second));

        Tasks.beginInOrder(List.of(first, second));
        Tasks.begin(other);

        assertThat(Tasks.await(other)).isNotSameAs(Thread.currentThread()).isSameAs(Tasks.await(first));
    }

    @Test
    void shouldThrowTheFirstFailureAfterAllOthersHaveEnded() {
        IllegalArgumentException first = new IllegalArgumentException("first");
        Error second = new AssertionError("second");
        List<FutureTask<Boolean>> tasks = List.of(
                new FutureTask<>(() -> done.add(1)),
                new FutureTask<>(() -> {
                    throw first;
                }),
                new FutureTask<>(() -> {
                    throw second;
                }),
                new FutureTask<>(() -> done.add(2)));

        Tasks.beginInOrder(tasks);

        assertThatThrownBy(() -> Tasks.awaitAll(tasks)).isSameAs(first).hasSuppressedException(second);
        assertThat(done).containsExactly(1, 2);
    }

    @Test
    void shouldThrowOnceWhatATaskThrewThatOthersWaitFor() {
        IllegalStateException failure = new IllegalStateException("no map");
        FutureTask<Integer> failing = new FutureTask<>(() -> {
            throw failure;
        });
        List<FutureTask<Integer>> waiting =
                List.of(new FutureTask<>(() -> Tasks.await(failing)), new FutureTask<>(() -> Tasks.await(failing)));

        Tasks.begin(failing);
        Tasks.beginInOrder(waiting);

        assertThatThrownBy(() -> Tasks.awaitAll(waiting)).isSameAs(failure).hasNoSuppressedExceptions();
    }
}
