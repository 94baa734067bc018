package net.sniproxy.bpf.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/** Sleeps until a program commits a record (epoll(7)). One thread at a time. */
final class RingWait implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 02000000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    /** 12 bytes on x86_64, where the struct is packed, and 16 elsewhere. */
    private static final int EVENT_SIZE = 16;

    private final Kernel kernel;
    private final String label;
    private final Descriptor epoll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment event = arena.allocate(EVENT_SIZE, Long.BYTES);

    private RingWait(Kernel kernel, String label, Descriptor epoll) {
        this.kernel = kernel;
        this.label = label;
        this.epoll = epoll;
    }

    static RingWait on(Kernel kernel, BpfMap map) {
        String label = "epoll for " + map.label();
        int number = kernel.calls().epollCreate(EPOLL_CLOEXEC);
        kernel.check("epoll_create1", label, number);
        RingWait wait = new RingWait(kernel, label, Descriptor.own(kernel.calls(), number, label));
        try {
            wait.add(map);
            return wait;
        } catch (RuntimeException failure) {
            wait.close();
            throw failure;
        }
    }

    private void add(BpfMap map) {
        event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
        int descriptor = map.descriptor().number();
        int result = kernel.calls().epollControl(epoll.number(), EPOLL_CTL_ADD, descriptor, event);
        kernel.check("epoll_ctl", label, result);
    }

    void sleep(int millis) {
        int result = kernel.calls().epollWait(epoll.number(), event, 1, millis);
        if (!Errno.EINTR.is(result)) {
            kernel.check("epoll_pwait", label, result);
        }
    }

    @Override
    public void close() {
        epoll.close();
        arena.close();
    }
}
