package net.sniproxy.bpf.link;

import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.RouteSocket.FilterPlace;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Errno;

/**
 * A program attached as a classifier of the queueing discipline clsact: the way before TCX. It belongs to the interface,
 * not to a descriptor: a process that ends without closing it leaves it in force.
 */
public final class ClsactFilter implements Attachment {
    private static final int PRIORITY = 1;
    private static final int HANDLE = 1;

    private final RouteSocket socket;
    private final FilterPlace place;
    private final boolean ownsClsact;
    private boolean closed;

    private ClsactFilter(RouteSocket socket, FilterPlace place, boolean ownsClsact) {
        this.socket = socket;
        this.place = place;
        this.ownsClsact = ownsClsact;
    }

    static ClsactFilter attach(Kernel kernel, Program program, int index, Direction direction) {
        RouteSocket socket = RouteSocket.open(kernel);
        FilterPlace place = new FilterPlace(index, direction, PRIORITY, HANDLE);
        try {
            ClsactFilter filter = new ClsactFilter(socket, place, addClsact(socket, index));
            filter.set(program, false);
            return filter;
        } catch (RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    /** Returns whether the interface had none. */
    private static boolean addClsact(RouteSocket socket, int index) {
        try {
            socket.addClsact(index);
            return true;
        } catch (BpfException failure) {
            if (failure.errno().equals(Errno.EEXIST)) {
                return false;
            }
            throw failure;
        }
    }

    private void set(Program program, boolean replace) {
        try {
            socket.setFilter(place, program.descriptor().number(), program.label(), replace);
        } catch (BpfException failure) {
            if (!replace && ownsClsact) {
                socket.deleteClsact(place.index());
            }
            throw failure;
        }
    }

    @Override
    public synchronized void replace(Program program) {
        set(program, true);
    }

    /** Removes the classifier, and clsact if this brought it and nobody else uses it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (socket) {
            socket.deleteFilter(place);
            if (ownsClsact && isUnused()) {
                socket.deleteClsact(place.index());
            }
        } catch (BpfException failure) {
            // The interface, or somebody who cleaned it, has taken the classifier away already.
            if (!failure.errno().equals(Errno.ENODEV)
                    && !failure.errno().equals(Errno.ENOENT)
                    && !failure.errno().equals(Errno.EINVAL)) {
                throw failure;
            }
        }
    }

    private boolean isUnused() {
        return socket.filters(place.index(), Direction.INGRESS).isEmpty()
                && socket.filters(place.index(), Direction.EGRESS).isEmpty();
    }
}
