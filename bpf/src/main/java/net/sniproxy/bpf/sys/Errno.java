package net.sniproxy.bpf.sys;

import static java.util.Map.entry;

import java.util.Map;

/**
 * An error number of the kernel. The numbers below are the same on x86_64 and aarch64
 * (include/uapi/asm-generic/errno.h).
 *
 * @param number positive
 */
public record Errno(int number) {
    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno EINTR = new Errno(4);
    public static final Errno E2BIG = new Errno(7);
    public static final Errno EBADF = new Errno(9);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno ENOMEM = new Errno(12);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EFAULT = new Errno(14);
    public static final Errno EBUSY = new Errno(16);
    public static final Errno EEXIST = new Errno(17);
    public static final Errno ENODEV = new Errno(19);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno EMFILE = new Errno(24);
    public static final Errno ENOSPC = new Errno(28);
    public static final Errno EDOM = new Errno(33);
    public static final Errno ERANGE = new Errno(34);
    public static final Errno ENOSYS = new Errno(38);
    public static final Errno EOPNOTSUPP = new Errno(95);
    /** Not in errno.h of user space: the kernel's own "operation is not supported". */
    public static final Errno ENOTSUPP = new Errno(524);

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            entry(1, "EPERM: operation not permitted"),
            entry(2, "ENOENT: no such entry"),
            entry(3, "ESRCH: no such process"),
            entry(4, "EINTR: interrupted"),
            entry(5, "EIO: input/output error"),
            entry(7, "E2BIG: too big"),
            entry(9, "EBADF: bad descriptor"),
            entry(11, "EAGAIN: try again"),
            entry(12, "ENOMEM: out of memory"),
            entry(13, "EACCES: permission denied"),
            entry(14, "EFAULT: bad address"),
            entry(16, "EBUSY: busy"),
            entry(17, "EEXIST: exists already"),
            entry(19, "ENODEV: no such device"),
            entry(20, "ENOTDIR: not a directory"),
            entry(22, "EINVAL: invalid argument"),
            entry(23, "ENFILE: too many open files in the system"),
            entry(24, "EMFILE: too many open files in the process"),
            entry(28, "ENOSPC: no space left"),
            entry(30, "EROFS: read-only file system"),
            entry(33, "EDOM: outside the domain"),
            entry(34, "ERANGE: out of range"),
            entry(38, "ENOSYS: no such system call"),
            entry(92, "ENOPROTOOPT: no such protocol option"),
            entry(95, "EOPNOTSUPP: operation not supported"),
            entry(99, "EADDRNOTAVAIL: address not available"),
            entry(104, "ECONNRESET: connection reset"),
            entry(105, "ENOBUFS: no buffer space"),
            entry(107, "ENOTCONN: not connected"),
            entry(110, "ETIMEDOUT: timed out"),
            entry(111, "ECONNREFUSED: connection refused"),
            entry(524, "ENOTSUPP: operation not supported by the kernel"));

    /** @throws IllegalArgumentException if {@code number} is not positive */
    public Errno {
        if (number <= 0) {
            throw new IllegalArgumentException("an error number is positive, not " + number);
        }
    }

    /** The error of a system call's result, which must be negative. */
    public static Errno of(long result) {
        return new Errno(Math.toIntExact(-result));
    }

    /** Whether {@code result} of a system call is this error. */
    public boolean is(long result) {
        return result == -number;
    }

    /** The symbolic name, such as {@code EPERM}; {@code errno 77} for a number without one here. */
    public String name() {
        String text = toString();
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }

    /** Name and meaning, such as {@code EPERM: operation not permitted}. */
    @Override
    public String toString() {
        return NAMES.getOrDefault(number, "errno " + number);
    }
}
