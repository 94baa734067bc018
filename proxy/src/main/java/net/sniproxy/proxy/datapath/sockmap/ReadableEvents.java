package net.sniproxy.proxy.datapath.sockmap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;

/**
 * An epoll of one socket. It tells that the kernel woke the socket's readers, not only that there is something to read: a
 * socket that was not readable when it was added becomes ready by a wake-up and by nothing else.
 */
final class ReadableEvents implements AutoCloseable {
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    private static final int EVENT_BYTES = 16;
    private static final String LABEL = "epoll of the self-test";

    private final Kernel kernel;
    private final Descriptor epoll;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);

    private ReadableEvents(Kernel kernel, Descriptor epoll) {
        this.kernel = kernel;
        this.epoll = epoll;
    }

    static ReadableEvents of(Kernel kernel, int socket) {
        int number = kernel.calls().epollCreate(0);
        kernel.check("epoll_create1", LABEL, number);
        ReadableEvents events = new ReadableEvents(kernel, Descriptor.own(kernel.calls(), number, LABEL));
        events.event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
        kernel.check("epoll_ctl", LABEL, kernel.calls().epollControl(number, EPOLL_CTL_ADD, socket, events.event));
        return events;
    }

    /** Waits for a wake-up, at most so long. */
    boolean happened(int millis) {
        int events = kernel.calls().epollWait(epoll.number(), event, 1, millis);
        kernel.check("epoll_pwait", LABEL, events);
        return events > 0;
    }

    @Override
    public void close() {
        epoll.close();
        arena.close();
    }
}
