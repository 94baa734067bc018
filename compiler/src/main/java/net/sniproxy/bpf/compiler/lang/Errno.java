package net.sniproxy.bpf.compiler.lang;

/** Error numbers as helpers return them, negative. */
public final class Errno {
    /** No such entry. */
    public static final int ENOENT = -2;
    /** The map is full. */
    public static final int E2BIG = -7;
    /** Out of the packet's bounds. */
    public static final int EFAULT = -14;
    /** The entry exists and {@link UpdateFlags#NO_EXIST} was asked for. */
    public static final int EEXIST = -17;
    /** Not possible for this argument. */
    public static final int EINVAL = -22;
    /** No room left. */
    public static final int EAGAIN = -11;

    private Errno() {}
}
