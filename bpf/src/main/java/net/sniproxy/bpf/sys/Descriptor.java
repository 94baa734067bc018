package net.sniproxy.bpf.sys;

import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor with one owner, who closes it.
 *
 * <p>It is never 0 (bpf(2) reads 0 as "no descriptor" in many places, and 1 and 2 are where others write) and always
 * close-on-exec. One that is lost without being closed is closed when the garbage collector finds it, and a warning
 * says where it was opened: that is a backstop, not a way to work.
 *
 * <p>Safe for use by many threads, but nothing may use the number while or after it is closed: the kernel gives it to
 * the next file that is opened.
 */
public final class Descriptor implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Set<Resource> OPEN = ConcurrentHashMap.newKeySet();
    private static final AtomicInteger LEAKED = new AtomicInteger();

    private static final int FIRST_ORDINARY = 3;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int FD_CLOEXEC = 1;

    private final Resource resource;
    private final Cleaner.Cleanable cleanable;

    private Descriptor(Resource resource) {
        this.resource = resource;
        this.cleanable = CLEANER.register(this, resource);
        OPEN.add(resource);
    }

    /**
     * Takes ownership of a descriptor that a system call has just returned.
     *
     * @param number the descriptor; replaced by a duplicate if it is 0, 1 or 2
     * @param what what it stands for, for messages: "map CONFIG"
     * @throws IllegalArgumentException if {@code number} is negative
     * @throws IllegalStateException if the kernel refuses the duplicate or the flag; nothing stays open then
     */
    public static Descriptor own(SystemCalls calls, int number, String what) {
        if (number < 0) {
            throw new IllegalArgumentException("not a descriptor: " + number + " for " + what);
        }
        int ordinary = number < FIRST_ORDINARY ? moveUp(calls, number, what) : number;
        closeOnExec(calls, ordinary, what);
        return new Descriptor(new Resource(calls, ordinary, what));
    }

    private static int moveUp(SystemCalls calls, int number, String what) {
        int duplicate = calls.fcntl(number, F_DUPFD_CLOEXEC, FIRST_ORDINARY);
        calls.close(number);
        if (duplicate < 0) {
            throw new IllegalStateException(
                    "cannot duplicate descriptor " + number + " of " + what + ": " + Errno.of(duplicate));
        }
        return duplicate;
    }

    private static void closeOnExec(SystemCalls calls, int number, String what) {
        int flags = calls.fcntl(number, F_GETFD, 0);
        int result = flags < 0 || (flags & FD_CLOEXEC) != 0 ? flags : calls.fcntl(number, F_SETFD, FD_CLOEXEC);
        if (result < 0) {
            calls.close(number);
            throw new IllegalStateException(
                    "cannot make descriptor " + number + " of " + what + " close-on-exec: " + Errno.of(result));
        }
    }

    /**
     * The number, for a system call.
     *
     * @throws IllegalStateException if this is closed
     */
    public int number() {
        int number = resource.number;
        if (number < 0) {
            throw new IllegalStateException(resource.what + " is closed");
        }
        return number;
    }

    /** A second descriptor for the same kernel object, with an owner of its own. */
    public Descriptor duplicate() {
        int number = resource.calls.fcntl(number(), F_DUPFD_CLOEXEC, FIRST_ORDINARY);
        if (number < 0) {
            throw new IllegalStateException("cannot duplicate " + resource.what + ": " + Errno.of(number));
        }
        return own(resource.calls, number, resource.what);
    }

    /** Closes the descriptor. A second call does nothing. */
    @Override
    public void close() {
        resource.closedByOwner = true;
        cleanable.clean();
    }

    /** What is open now, one line each with the place it was opened at: for tests that look for leaks. */
    public static List<Leak> open() {
        return OPEN.stream().map(Resource::describe).toList();
    }

    /** How many descriptors the garbage collector had to close so far. */
    public static int leaked() {
        return LEAKED.get();
    }

    /** Takes back leaks that a test made on purpose. */
    static void forgiveLeaks(int count) {
        LEAKED.addAndGet(-count);
    }

    @Override
    public String toString() {
        return resource.what + " (descriptor " + resource.number + ")";
    }

    /**
     * An open descriptor.
     *
     * @param number the descriptor
     * @param what what it stands for
     * @param origin where it was opened: the stack trace of that moment
     */
    public record Leak(int number, String what, Throwable origin) {}

    /** What outlives an unreachable {@link Descriptor}; must not refer to it. */
    private static final class Resource implements Runnable {
        private final SystemCalls calls;
        private final String what;
        private final Throwable origin;
        private volatile int number;
        private volatile boolean closedByOwner;

        Resource(SystemCalls calls, int number, String what) {
            this.calls = calls;
            this.number = number;
            this.what = what;
            this.origin = new Throwable(what + " was opened here");
        }

        Leak describe() {
            return new Leak(number, what, origin);
        }

        @Override
        public void run() {
            OPEN.remove(this);
            if (!closedByOwner) {
                LEAKED.incrementAndGet();
                // Asked for only here: no start has to wait for what loggers need.
                System.getLogger(Descriptor.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                what + " (descriptor " + number + ") was never closed",
                                origin);
            }
            int closing = number;
            number = -1;
            // Linux frees the number whatever close returns, so a failure must not be tried again.
            calls.close(closing);
        }
    }
}
