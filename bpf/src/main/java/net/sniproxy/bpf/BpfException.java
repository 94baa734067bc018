package net.sniproxy.bpf;

import net.sniproxy.bpf.sys.Errno;

/**
 * The kernel refused a request. The message says which one, on what object, why, and what to do about it where the
 * cause is known.
 */
public class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String command;
    private final String object;
    private final int errorNumber;
    private final String remedy;

    /**
     * @param command the command of bpf(2), or another system call
     * @param object the name of what the command was about: "map CONFIG"
     * @param errno what the kernel answered
     * @param remedy sentences that say what to do; empty if the cause is not known
     */
    public BpfException(String command, String object, Errno errno, String remedy) {
        this(command, object, errno, remedy, "");
    }

    BpfException(String command, String object, Errno errno, String remedy, String details) {
        super(object + ": " + command + " failed with " + errno
                + (remedy.isEmpty() ? "" : ". " + remedy)
                + (details.isEmpty() ? "" : "\n" + details));
        this.command = command;
        this.object = object;
        this.errorNumber = errno.number();
        this.remedy = remedy;
    }

    /** The command of bpf(2), such as {@code BPF_MAP_CREATE}, or the name of another system call. */
    public String command() {
        return command;
    }

    /** The name of what the command was about. */
    public String object() {
        return object;
    }

    /** What the kernel answered. */
    public Errno errno() {
        return new Errno(errorNumber);
    }

    /** What to do about it; empty if the cause is not known. */
    public String remedy() {
        return remedy;
    }
}
