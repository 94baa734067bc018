package net.sniproxy.bpf.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

    private static void throwFailures(List<Future<?>> ended) {
        List<Throwable> failures = new ArrayList<>();
        for (Future<?> task : ended) {
            try {
                task.get();
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            } catch (InterruptedException e) {
                // Not while it waits: every task has ended.
                throw new IllegalStateException(e);
            }
        }
        if (failures.isEmpty()) {
            return;
        }
        Throwable first = failures.removeFirst();
        failures.forEach(first::addSuppressed);
        switch (first) {
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw new IllegalStateException(first);
        }
    }
}
