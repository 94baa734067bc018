package net.sniproxy.e2e.harness;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a test has opened so far; closed in reverse order, all of it, even when one fails to. Not thread-safe. */
public final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Takes over a resource. */
    public <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() {
        AssertionError failed = new AssertionError("not everything could be closed");
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception | AssertionError e) {
                failed.addSuppressed(e);
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
