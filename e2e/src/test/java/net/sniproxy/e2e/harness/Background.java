package net.sniproxy.e2e.harness;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Work beside the test. Each piece has a thread of its own: it may block, and the shared pool has as few as one thread. */
public final class Background {
    private Background() {}

    /** Starts the work; its result, or what it threw, comes with {@code join()}. */
    public static <T> CompletableFuture<T> run(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
