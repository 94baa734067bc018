package net.sniproxy.e2e.harness;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Work beside the test. Each piece has a thread of its own: it may block, and the shared pool has as few as one thread. */
public final class Background {
    private Background() {}

    /** Starts work that neither opens sockets nor starts processes; its result, or what it threw, comes with {@code join()}. */
    public static <T> CompletableFuture<T> run(Supplier<T> work) {
        return run(Thread.ofVirtual(), work);
    }

    /**
     * As {@link #run(Supplier)}, in the network namespace of the caller. Threads are born in that of whoever starts them, and
     * what carries virtual threads is started by whoever needs it first.
     */
    public static <T> CompletableFuture<T> runHere(Supplier<T> work) {
        return run(Thread.ofPlatform().daemon(), work);
    }

    private static <T> CompletableFuture<T> run(Thread.Builder thread, Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread.start(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
