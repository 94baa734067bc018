package net.sniproxy.bpf.link;

import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.RouteSocket.FilterPlace;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Errno;

/**
 * A program attached as a classifier of the queueing discipline clsact: the way before TCX. It belongs to the interface,
 * not to a descriptor: a process that is killed leaves it in force. So its name tells whose it is, for the next one of the same
 * owner to find it.
 */
public final class ClsactFilter implements Attachment {
    private static final int PRIORITY = 1;
    private static final int HANDLE = 1;

    private final RouteSocket socket;
    private final FilterPlace place;
    /** Behind the program's name; empty if nobody owns this. */
    private final String suffix;

    private final boolean ownsClsact;
    private boolean closed;

    private ClsactFilter(RouteSocket socket, FilterPlace place, String suffix, boolean ownsClsact) {
        this.socket = socket;
        this.place = place;
        this.suffix = suffix;
        this.ownsClsact = ownsClsact;
    }

    static ClsactFilter attach(Kernel kernel, Program program, int index, Direction direction) {
        return attach(kernel, program, place(index, direction), "");
    }

    /** Replaces what an earlier process of this owner has left. */
    static ClsactFilter attach(Kernel kernel, Program program, int index, Direction direction, String owner) {
        return attach(kernel, program, place(index, direction), suffix(owner));
    }

    /** Removes what a process of this owner has left; returns whether there was something. */
    static boolean removeLeft(Kernel kernel, int index, Direction direction, String owner) {
        FilterPlace place = place(index, direction);
        try (RouteSocket socket = RouteSocket.open(kernel)) {
            boolean isLeft = isLeft(socket, place, suffix(owner));
            if (isLeft) {
                new ClsactFilter(socket, place, suffix(owner), true).close();
            }
            return isLeft;
        }
    }

    private static FilterPlace place(int index, Direction direction) {
        return new FilterPlace(index, direction, PRIORITY, HANDLE);
    }

    private static String suffix(String owner) {
        return " of " + owner;
    }

    private static ClsactFilter attach(Kernel kernel, Program program, FilterPlace place, String suffix) {
        RouteSocket socket = RouteSocket.open(kernel);
        try {
            boolean isNew = addClsact(socket, place.index());
            boolean isLeft = isLeft(socket, place, suffix);
            ClsactFilter filter = new ClsactFilter(socket, place, suffix, isNew || isLeft);
            filter.set(program, isLeft);
            return filter;
        } catch (RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    private static boolean isLeft(RouteSocket socket, FilterPlace place, String suffix) {
        return !suffix.isEmpty()
                && socket.filters(place.index(), place.direction()).stream()
                        .anyMatch(filter ->
                                filter.place().equals(place) && filter.name().endsWith(suffix));
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
            socket.setFilter(place, program.descriptor().number(), program.label() + suffix, replace);
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
