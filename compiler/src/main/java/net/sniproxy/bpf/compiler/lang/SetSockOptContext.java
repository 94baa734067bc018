package net.sniproxy.bpf.compiler.lang;

import org.jspecify.annotations.Nullable;

/**
 * The context of a CGROUP_SOCKOPT program ({@code struct bpf_sockopt}) before setsockopt(2): the program returns
 * {@link #ALLOW}, or {@link #REFUSE}, which the caller sees as EPERM. Since Linux 5.3.
 */
public final class SetSockOptContext {
    /** The call goes on. */
    public static final int ALLOW = 1;
    /** The call ends with EPERM. */
    public static final int REFUSE = 0;

    private final BpfSock socket;
    private final int level;
    private final int option;

    private SetSockOptContext(BpfSock socket, int level, int option) {
        this.socket = socket;
        this.level = level;
        this.option = option;
    }

    /** A call for the JVM run. */
    public static SetSockOptContext of(BpfSock socket, int level, int option) {
        return new SetSockOptContext(socket, level, option);
    }

    /** The socket; null when it is not a full one. */
    @Ctx(offset = 0, size = 8)
    public @Nullable BpfSock sk() {
        return socket;
    }

    /** The level, such as {@code IPPROTO_TCP}. */
    @Ctx(offset = 24, size = 4)
    public int level() {
        return level;
    }

    /** The option, a number of its level. */
    @Ctx(offset = 28, size = 4)
    public int option() {
        return option;
    }
}
