package net.sniproxy.bpf.load;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Runs tasks side by side: the kernel makes a map, and verifies a program, on the thread that asks for it. With bare threads:
 * an executor for so few tasks would take a fresh JVM longer than some of them.
 */
final class Tasks {
    private Tasks() {}

    /** Begins a task on a thread of its own: for what mostly waits. */
    static void begin(Runnable task) {
        Thread.ofPlatform().daemon().start(task);
    }

    /** Begins tasks in their order, at most one for each processor at a time. */
    static void beginInOrder(Collection<? extends Runnable> tasks) {
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>(tasks);
        int threads = Math.min(tasks.size(), Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < threads; i++) {
            begin(() -> {
                for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                    next.run();
                }
            });
        }
    }

    /** Waits for what a task gives, and throws what it threw. */
    static <T> T await(Future<T> task) {
        awaitAll(List.of(task));
        return task.resultNow();
    }

    /**
     * Waits until each has ended.
     *
     * @throws RuntimeException the first failure in the order of the tasks; the others are suppressed in it
     */
    static void awaitAll(Collection<? extends Future<?>> tasks) {
        List<Throwable> failures = new ArrayList<>();
        for (Future<?> task : tasks) {
            awaitEnd(task);
            if (task.state() == Future.State.FAILED) {
                failures.add(task.exceptionNow());
            }
        }
        if (!failures.isEmpty()) {
            throwFirst(failures);
        }
    }

    /** Is not interrupted, like the kernel: what is made later would have no owner. */
    private static void awaitEnd(Future<?> task) {
        boolean interrupted = false;
        while (!task.isDone()) {
            try {
                task.get();
            } catch (ExecutionException _) {
                // The caller asks for it.
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void throwFirst(List<Throwable> failures) {
        Throwable first = failures.removeFirst();
        for (Throwable other : failures) {
            // Tasks that wait for the same one fail with the same.
            if (other != first) {
                first.addSuppressed(other);
            }
        }
        switch (first) {
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw new IllegalStateException(first);
        }
    }
}
