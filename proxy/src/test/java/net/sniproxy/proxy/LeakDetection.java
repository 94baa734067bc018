package net.sniproxy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a class of tests in which a buffer was lost: collected as garbage before it was released. Every buffer is watched. JUnit
 * registers it for every class by itself.
 */
public final class LeakDetection implements AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final long PATIENCE_MILLIS = 60_000;

    static {
        // Before Netty's classes make their detectors.
        ResourceLeakDetector.setLevel(Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @SuppressWarnings("deprecation") // The one that must be overridden.
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int samplingInterval, long maxActive) {
                return new Recorder<>(resource, samplingInterval);
            }
        });
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = takeLeaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError("buffers were never released:\n" + String.join("\n", leaks));
        }
    }

    /** What was lost since the last call, each with the places where it was touched. */
    static List<String> takeLeaks() throws InterruptedException {
        collectGarbage();
        touchDetector();
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    /**
     * Returns when a collection has found what was garbage before the call, and has told so: what two collections found is told in
     * their order, what one of them found in any.
     */
    private static void collectGarbage() throws InterruptedException {
        awaitCollection();
        awaitCollection();
    }

    private static void awaitCollection() throws InterruptedException {
        var queue = new ReferenceQueue<Object>();
        var canary = new PhantomReference<>(new Object(), queue);
        System.gc();
        if (queue.remove(PATIENCE_MILLIS) != canary) {
            throw new IllegalStateException("no garbage collection");
        }
    }

    /** A detector looks at its queue whenever a buffer is made. */
    private static void touchDetector() {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(1);
        buffer.release();
    }

    private static final class Recorder<T> extends ResourceLeakDetector<T> {
        Recorder(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            LEAKS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            LEAKS.add(resourceType);
        }
    }
}
