package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** What hangs on a socket that takes part in redirection; it dies with the socket. */
@Struct("EnrolledSocket")
public final class EnrolledSocket {
    /** The proxy's own socket towards an upstream: it is not redirected, its peer is looked for. */
    public static final int PROXY = 1;
    /** A local client's. */
    public static final int CLIENT = 2;
    /** What a local upstream accepted. */
    public static final int UPSTREAM = 3;

    /** The socket's cookie, which programs of type SK_MSG may not ask for. */
    @Unsigned
    public long cookie;

    /** Bytes that it sent through TCP before its direction was redirected. Written under the socket's lock only. */
    @Unsigned
    public long passed;

    /** {@link #PROXY}, {@link #CLIENT} or {@link #UPSTREAM}. */
    @Unsigned
    public int role;

    /** 0. */
    @Unsigned
    public int reserved;

    /** All zeroes. */
    public EnrolledSocket() {}

    /** One that has sent nothing yet. */
    public EnrolledSocket(long cookie, int role) {
        this.cookie = cookie;
        this.role = role;
    }
}
