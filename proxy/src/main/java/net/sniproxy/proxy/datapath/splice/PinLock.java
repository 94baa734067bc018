package net.sniproxy.proxy.datapath.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * One process at a time uses a directory of pins. A BPF file system has no lock files, so the lock is an abstract unix
 * address: it belongs to a network namespace as the interfaces do, and the kernel gives it back however the process ends.
 */
final class PinLock implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int PATH = 2;
    /** {@code sun_path}, of which the first byte is 0. */
    private static final int LONGEST_NAME = 107;

    private static final Errno IN_USE = new Errno(98);

    private final Descriptor socket;

    private PinLock(Descriptor socket) {
        this.socket = socket;
    }

    /** Empty if another process has it. */
    static Optional<PinLock> tryAcquire(Kernel kernel, Path directory) {
        byte[] whole = ("sni-proxy" + directory.toAbsolutePath()).getBytes(StandardCharsets.UTF_8);
        int length = Math.min(whole.length, LONGEST_NAME);
        int number = (int)
                kernel.check("socket", "lock of " + directory, kernel.calls().socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
        Descriptor descriptor = Descriptor.own(kernel.calls(), number, "lock of " + directory);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(PATH + 1 + length, Long.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(whole, 0, address, ValueLayout.JAVA_BYTE, PATH + 1, length);
            int bound = kernel.calls().bind(number, address, (int) address.byteSize());
            if (IN_USE.is(bound)) {
                descriptor.close();
                return Optional.empty();
            }
            kernel.check("bind", "lock of " + directory, bound);
            return Optional.of(new PinLock(descriptor));
        } catch (BpfException e) {
            descriptor.close();
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
