package net.sniproxy.bpf.sys;

import static net.sniproxy.bpf.sys.Libc.call;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * The system calls of the running kernel.
 *
 * <p>Addresses cross as numbers, so each method keeps the memory it was given reachable until the call is over.
 */
final class NativeSystemCalls implements SystemCalls {
    static final NativeSystemCalls INSTANCE =
            new NativeSystemCalls(SystemCallNumbers.of(System.getProperty("os.arch")));

    private static final int AT_FDCWD = -100;

    private final SystemCallNumbers numbers;

    private NativeSystemCalls(SystemCallNumbers numbers) {
        this.numbers = numbers;
    }

    @Override
    public void prepare() {
        // What fails here fails in the first call too, which can tell it to someone.
        Thread.ofPlatform()
                .daemon()
                .name("link-libc")
                .uncaughtExceptionHandler((_, _) -> {})
                .start(Libc::link);
    }

    @Override
    public int bpf(int command, MemorySegment attributes, int size) {
        long result = call(numbers.bpf(), command, attributes.address(), size);
        Reference.reachabilityFence(attributes);
        return (int) result;
    }

    @Override
    public long mmap(long length, int protection, int flags, int descriptor, long offset) {
        return call(numbers.mmap(), 0, length, protection, flags, descriptor, offset);
    }

    @Override
    public int munmap(long address, long length) {
        return (int) call(numbers.munmap(), address, length, 0);
    }

    @Override
    public int close(int descriptor) {
        return (int) call(numbers.close(), descriptor, 0, 0);
    }

    @Override
    public int fcntl(int descriptor, int command, long argument) {
        return (int) call(numbers.fcntl(), descriptor, command, argument);
    }

    @Override
    public int open(MemorySegment path, int flags, int mode) {
        long result = call(numbers.openat(), AT_FDCWD, path.address(), flags, mode, 0, 0);
        Reference.reachabilityFence(path);
        return (int) result;
    }

    @Override
    public int epollCreate(int flags) {
        return (int) call(numbers.epollCreate1(), flags, 0, 0);
    }

    @Override
    public int epollControl(int epoll, int operation, int descriptor, MemorySegment event) {
        long result = call(numbers.epollCtl(), epoll, operation, descriptor, event.address(), 0, 0);
        Reference.reachabilityFence(event);
        return (int) result;
    }

    @Override
    public int epollWait(int epoll, MemorySegment events, int capacity, int timeoutMillis) {
        long result = call(numbers.epollPwait(), epoll, events.address(), capacity, timeoutMillis, 0, 0);
        Reference.reachabilityFence(events);
        return (int) result;
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return (int) call(numbers.socket(), domain, type, protocol);
    }

    @Override
    public int bind(int descriptor, MemorySegment address, int length) {
        long result = call(numbers.bind(), descriptor, address.address(), length);
        Reference.reachabilityFence(address);
        return (int) result;
    }

    @Override
    public int connect(int descriptor, MemorySegment address, int length) {
        long result = call(numbers.connect(), descriptor, address.address(), length);
        Reference.reachabilityFence(address);
        return (int) result;
    }

    @Override
    public long send(int descriptor, MemorySegment data, long length, int flags) {
        long result = call(numbers.sendto(), descriptor, data.address(), length, flags, 0, 0);
        Reference.reachabilityFence(data);
        return result;
    }

    @Override
    public long receive(int descriptor, MemorySegment data, long length, int flags) {
        long result = call(numbers.recvfrom(), descriptor, data.address(), length, flags, 0, 0);
        Reference.reachabilityFence(data);
        return result;
    }

    @Override
    public int setSocketOption(int descriptor, int level, int option, MemorySegment value, int length) {
        long result = call(numbers.setsockopt(), descriptor, level, option, value.address(), length, 0);
        Reference.reachabilityFence(value);
        return (int) result;
    }

    @Override
    public int getSocketOption(int descriptor, int level, int option, MemorySegment value, MemorySegment length) {
        long result = call(numbers.getsockopt(), descriptor, level, option, value.address(), length.address(), 0);
        Reference.reachabilityFence(value);
        Reference.reachabilityFence(length);
        return (int) result;
    }

    @Override
    public int mount(MemorySegment source, MemorySegment target, MemorySegment type, long flags) {
        long result = call(numbers.mount(), source.address(), target.address(), type.address(), flags, 0, 0);
        Reference.reachabilityFence(source);
        Reference.reachabilityFence(target);
        Reference.reachabilityFence(type);
        return (int) result;
    }

    @Override
    public int unmount(MemorySegment target, int flags) {
        long result = call(numbers.umount2(), target.address(), flags, 0);
        Reference.reachabilityFence(target);
        return (int) result;
    }

    @Override
    public int setNamespace(int descriptor, int type) {
        return (int) call(numbers.setns(), descriptor, type, 0);
    }

    @Override
    public int awaitSignal(MemorySegment set) {
        long result = call(numbers.rtSigtimedwait(), set.address(), 0, 0, set.byteSize(), 0, 0);
        Reference.reachabilityFence(set);
        return (int) result;
    }

    @Override
    public int processControl(int option, long second, long third) {
        return (int) call(numbers.prctl(), option, second, third, 0, 0, 0);
    }

    @Override
    public int setGroups(int count, MemorySegment groups) {
        long result = call(numbers.setgroups(), count, groups.address(), 0);
        Reference.reachabilityFence(groups);
        return (int) result;
    }

    @Override
    public int setGroup(int group) {
        return (int) call(numbers.setresgid(), group, group, group);
    }

    @Override
    public int setUser(int user) {
        return (int) call(numbers.setresuid(), user, user, user);
    }

    @Override
    public int setCapabilities(MemorySegment header, MemorySegment data) {
        long result = call(numbers.capset(), header.address(), data.address(), 0);
        Reference.reachabilityFence(header);
        Reference.reachabilityFence(data);
        return (int) result;
    }

    @Override
    public int execute(MemorySegment path, MemorySegment arguments, MemorySegment environment) {
        long result = call(numbers.execve(), path.address(), arguments.address(), environment.address());
        Reference.reachabilityFence(path);
        Reference.reachabilityFence(arguments);
        Reference.reachabilityFence(environment);
        return (int) result;
    }
}
