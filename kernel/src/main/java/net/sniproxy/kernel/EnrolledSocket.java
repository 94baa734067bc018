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

    private static final int ASKED = 1;
    private static final int DONE = 2;

    /** The socket's cookie, which programs of type SK_MSG may not ask for. */
    @Unsigned
    public long cookie;

    /** TCP's sequence number up to which the socket's own bytes are counted. Written under the socket's lock only. */
    @Unsigned
    public int sequence;

    /** {@link #PROXY}, {@link #CLIENT} or {@link #UPSTREAM}. */
    @Unsigned
    public int role;

    /** Whether its send buffer is to be small: 0 no, 1 soon, 2 it is. Written under the socket's lock only. */
    @Unsigned
    public int smallBuffer;

    /** 0. */
    @Unsigned
    public int reserved;

    /** All zeroes. */
    public EnrolledSocket() {}

    /**
     * One that has sent nothing yet.
     *
     * @param sequence the number of the first byte that it will write
     */
    public EnrolledSocket(long cookie, int sequence, int role) {
        this.cookie = cookie;
        this.sequence = sequence;
        this.role = role;
    }

    /** Bytes that it gave to TCP since this was last asked: at most 4 GiB, for every message asks. */
    long takePassed(int writeSequence) {
        long passed = Integer.toUnsignedLong(writeSequence - sequence);
        sequence = writeSequence;
        return passed;
    }

    /** From now on it shall wait for the proxy soon, instead of filling a large buffer. */
    void askForSmallBuffer() {
        if (smallBuffer == 0) {
            smallBuffer = ASKED;
        }
    }

    /** Whether its buffer must be made small now; true once. */
    boolean takeSmallBuffer() {
        if (smallBuffer != ASKED) {
            return false;
        }
        smallBuffer = DONE;
        return true;
    }
}
