package net.sniproxy.bpf.testing;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.sys.SystemCalls;

/**
 * A kernel that answers as a test tells it to, so that every branch for an error can be taken without root. A command
 * of bpf(2) that nothing was told about answers {@code ENOSYS}, as does every other call that opens something. Not
 * thread-safe.
 */
public class FakeSystemCalls implements SystemCalls {
    /** Answers one command of bpf(2). */
    @FunctionalInterface
    public interface Answer {
        /**
         * @param attributes what the caller passed; the answer may write to it
         * @return the result or a negated error number
         */
        int to(MemorySegment attributes);
    }

    private static final int FIRST_DESCRIPTOR = 1000;

    private final Map<BpfCommand, Answer> answers = new EnumMap<>(BpfCommand.class);
    private final List<BpfCommand> commands = new ArrayList<>();
    private final Set<Integer> open = new TreeSet<>();
    private int nextDescriptor = FIRST_DESCRIPTOR;

    /** From now on {@code command} is answered by {@code answer}. */
    public FakeSystemCalls on(BpfCommand command, Answer answer) {
        answers.put(command, answer);
        return this;
    }

    /** From now on {@code command} fails. */
    public FakeSystemCalls fail(BpfCommand command, Errno errno) {
        return on(command, attributes -> -errno.number());
    }

    /** From now on {@code command} succeeds and opens a descriptor. */
    public FakeSystemCalls open(BpfCommand command) {
        return on(command, attributes -> openDescriptor());
    }

    /** A new descriptor, which {@link #close} takes back. */
    public int openDescriptor() {
        int descriptor = nextDescriptor++;
        open.add(descriptor);
        return descriptor;
    }

    /** The descriptors that are open now. */
    public Set<Integer> openDescriptors() {
        return Set.copyOf(open);
    }

    /** The commands so far, in order. */
    public List<BpfCommand> commands() {
        return List.copyOf(commands);
    }

    @Override
    public int bpf(int number, MemorySegment attributes, int size) {
        for (BpfCommand command : BpfCommand.values()) {
            if (command.number() == number) {
                commands.add(command);
                Answer answer = answers.get(command);
                return answer == null ? -Errno.ENOSYS.number() : answer.to(attributes.asSlice(0, size));
            }
        }
        return -Errno.EINVAL.number();
    }

    @Override
    public int close(int descriptor) {
        return open.remove(descriptor) ? 0 : -Errno.EBADF.number();
    }

    @Override
    public int fcntl(int descriptor, int command, long argument) {
        int closeOnExecIsSet = 1;
        int getFlags = 1;
        return command == getFlags ? closeOnExecIsSet : openDescriptor();
    }

    @Override
    public long mmap(long length, int protection, int flags, int descriptor, long offset) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int munmap(long address, long length) {
        return 0;
    }

    @Override
    public int open(MemorySegment path, int flags, int mode) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int epollCreate(int flags) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int epollControl(int epoll, int operation, int descriptor, MemorySegment event) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int epollWait(int epoll, MemorySegment events, int capacity, int timeoutMillis) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int bind(int descriptor, MemorySegment address, int length) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int connect(int descriptor, MemorySegment address, int length) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public long send(int descriptor, MemorySegment data, long length, int flags) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public long receive(int descriptor, MemorySegment data, long length, int flags) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setSocketOption(int descriptor, int level, int option, MemorySegment value, int length) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int getSocketOption(int descriptor, int level, int option, MemorySegment value, MemorySegment length) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int mount(MemorySegment source, MemorySegment target, MemorySegment type, long flags) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int unmount(MemorySegment target, int flags) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setNamespace(int descriptor, int type) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int awaitSignal(MemorySegment set) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int processControl(int option, long second, long third) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setGroups(int count, MemorySegment groups) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setGroup(int group) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setUser(int user) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int setCapabilities(MemorySegment header, MemorySegment data) {
        return -Errno.ENOSYS.number();
    }

    @Override
    public int execute(MemorySegment path, MemorySegment arguments, MemorySegment environment) {
        return -Errno.ENOSYS.number();
    }
}
