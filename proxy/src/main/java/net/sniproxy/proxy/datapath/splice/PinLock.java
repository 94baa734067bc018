package net.sniproxy.proxy.datapath.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.sys.UnixAddress;

/**
 * One process at a time uses a directory of pins. A BPF file system has no lock files, so the lock is an abstract unix
 * address: it belongs to a network namespace as the interfaces do, and the kernel gives it back however the process ends.
 */
final class PinLock implements AutoCloseable {
    private static final Errno IN_USE = new Errno(98);

    private final Descriptor socket;

    private PinLock(Descriptor socket) {
        this.socket = socket;
    }

    /** Empty if another process has it. */
    static Optional<PinLock> tryAcquire(Kernel kernel, Path directory) {
        int number = kernel.calls().socket(UnixAddress.AF_UNIX, UnixAddress.SOCK_DGRAM_CLOEXEC, 0);
        kernel.check("socket", "lock of " + directory, number);
        Descriptor descriptor = Descriptor.own(kernel.calls(), number, "lock of " + directory);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = UnixAddress.ofAbstractName(arena, "sni-proxy" + directory.toAbsolutePath());
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
