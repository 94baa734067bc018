package net.sniproxy.bpf.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Runs tasks side by side: the kernel verifies a program on the thread that loads it, for up to seconds. */
final class Tasks {
    private Tasks() {}

    /**
     * Runs all, at most one for each processor at a time, and returns when each has ended.
     *
     * @throws RuntimeException the first failure in the order of the tasks; the others are suppressed in it
     */
    static void runAll(List<Runnable> tasks) {
        int threads = Math.min(tasks.size(), Runtime.getRuntime().availableProcessors());
        if (threads <= 1) {
            tasks.forEach(Runnable::run);
            return;
        }
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (Runnable task : tasks) {
                running.add(executor.submit(task));
            }
        }
        throwFailures(running);
    }

    /** Begins a task on a thread of its own; who asks for the result waits for it, and gets what the task threw. */
    static <T> Supplier<T> begin(Supplier<T> task) {
        FutureTask<T> running = new FutureTask<>(task::get);
        Thread.ofPlatform().daemon().start(running);
        return () -> {
            throwFailures(List.of(running));
            return running.resultNow();
        };
    }

    private static void throwFailures(List<? extends Future<?>> tasks) {
        List<Throwable> failures = new ArrayList<>();
        for (Future<?> task : tasks) {
            try {
                task.get();
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        if (failures.isEmpty()) {
            return;
        }
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
