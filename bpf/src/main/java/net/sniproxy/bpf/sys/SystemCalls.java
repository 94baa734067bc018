package net.sniproxy.bpf.sys;

import java.lang.foreign.MemorySegment;

/**
 * The system calls that the toolkit and the data paths make, behind an interface so that a fake can return any result.
 *
 * <p>Every method follows the kernel's own convention: a result of zero or more is success, a negative one is the
 * negated error number (see {@link Errno#of(long)}). No method throws for a failed call. All memory passed in must be
 * native; the callee does not keep it. Implementations are safe for use by many threads.
 *
 * <p>An interrupted call returns {@code -EINTR}; only the callers know whether repeating it is right.
 */
public interface SystemCalls {
    /** The system calls of the running kernel. */
    static SystemCalls system() {
        return NativeSystemCalls.INSTANCE;
    }

    /** Begins, on a thread of its own, what the first call would have to wait for. Nothing for a fake. */
    default void prepare() {}

    /**
     * bpf(2).
     *
     * @param command a {@link BpfCommand#number()}
     * @param attributes the command's member of {@code union bpf_attr}; the kernel may write results into it
     * @param size bytes of {@code attributes} that the kernel reads
     */
    int bpf(int command, MemorySegment attributes, int size);

    /** mmap(2) at an address of the kernel's choice: the address, or a negated error number. */
    long mmap(long length, int protection, int flags, int descriptor, long offset);

    /** munmap(2). */
    int munmap(long address, long length);

    /** close(2). */
    int close(int descriptor);

    /** fcntl(2) with an integer argument. */
    int fcntl(int descriptor, int command, long argument);

    /** openat(2) relative to the working directory. {@code path} is a zero-terminated string. */
    int open(MemorySegment path, int flags, int mode);

    /** epoll_create1(2). */
    int epollCreate(int flags);

    /** epoll_ctl(2). {@code event} is a {@code struct epoll_event} in the layout of this architecture. */
    int epollControl(int epoll, int operation, int descriptor, MemorySegment event);

    /** epoll_wait(2): the number of events written. A timeout of -1 waits without end. */
    int epollWait(int epoll, MemorySegment events, int capacity, int timeoutMillis);

    /** socket(2). */
    int socket(int domain, int type, int protocol);

    /** bind(2). */
    int bind(int descriptor, MemorySegment address, int length);

    /** connect(2). */
    int connect(int descriptor, MemorySegment address, int length);

    /** sendto(2) on a connected or bound socket, with no address. */
    long send(int descriptor, MemorySegment data, long length, int flags);

    /** recvfrom(2) without the sender's address. */
    long receive(int descriptor, MemorySegment data, long length, int flags);

    /** setsockopt(2). */
    int setSocketOption(int descriptor, int level, int option, MemorySegment value, int length);

    /**
     * getsockopt(2).
     *
     * @param length an int in native order: the capacity of {@code value} on entry, what was written on return
     */
    int getSocketOption(int descriptor, int level, int option, MemorySegment value, MemorySegment length);

    /** mount(2) with zero-terminated strings and no data. */
    int mount(MemorySegment source, MemorySegment target, MemorySegment type, long flags);

    /** umount2(2). */
    int unmount(MemorySegment target, int flags);

    /** setns(2): moves the calling thread, and it alone, into another namespace. */
    int setNamespace(int descriptor, int type);

    /**
     * rt_sigtimedwait(2) without a time limit: takes the next pending signal of a set and returns its number. Every thread
     * of the process must have blocked the set's signals.
     *
     * @param set eight bytes, bit {@code n - 1} of the native-order number standing for signal {@code n}
     */
    int awaitSignal(MemorySegment set);

    /** prctl(2): of the calling thread. */
    int processControl(int option, long second, long third);

    /** setgroups(2), of the calling thread alone. {@code groups} holds ints in native order. */
    int setGroups(int count, MemorySegment groups);

    /** setresgid(2) with the same group thrice, of the calling thread alone. */
    int setGroup(int group);

    /** setresuid(2) with the same user thrice, of the calling thread alone. */
    int setUser(int user);

    /** capset(2), of the calling thread alone: {@code struct __user_cap_header_struct} and two of the data. */
    int setCapabilities(MemorySegment header, MemorySegment data);

    /**
     * execve(2): another program takes the place of this process, all its threads included. Returns only a failure.
     *
     * @param path a zero-terminated string
     * @param arguments pointers to zero-terminated strings, the last one zero
     * @param environment as {@code arguments}
     */
    int execute(MemorySegment path, MemorySegment arguments, MemorySegment environment);
}
