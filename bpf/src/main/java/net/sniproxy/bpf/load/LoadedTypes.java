package net.sniproxy.bpf.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * BTF in the kernel. Maps and programs made with it keep it there, so it can be closed when they are loaded. Owner of
 * the offsets of BPF_BTF_LOAD.
 */
public final class LoadedTypes implements AutoCloseable {
    private static final int SIZE = 28;
    private static final int BYTES = 0;
    private static final int LOG = 8;
    private static final int BYTES_SIZE = 16;
    private static final int LOG_SIZE = 20;
    private static final int LOG_LEVEL = 24;
    private static final int LOG_BYTES = 1 << 20;
    private static final Requirement BTF = Requirement.of("BTF", 4, 18, "CONFIG_BPF_SYSCALL");

    private final Descriptor descriptor;

    private LoadedTypes(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Loads types.
     *
     * @param name for messages
     * @throws VerifierException if the kernel finds fault with the types; its log says with which
     * @throws net.sniproxy.bpf.BpfException if it refuses for another reason
     */
    public static LoadedTypes load(Kernel kernel, Btf types, String name) {
        byte[] encoded = types.encode(ByteOrder.nativeOrder());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(encoded.length, Long.BYTES);
            MemorySegment.copy(encoded, 0, bytes, ValueLayout.JAVA_BYTE, 0, encoded.length);
            Attributes attributes =
                    Attributes.of(arena, SIZE).putAddress(BYTES, bytes).putInt(BYTES_SIZE, encoded.length);
            int result = kernel.tryBpf(BpfCommand.BPF_BTF_LOAD, attributes.memory());
            if (result >= 0) {
                return new LoadedTypes(Descriptor.own(kernel.calls(), result, name));
            }
            MemorySegment log = arena.allocate(LOG_BYTES);
            attributes.putAddress(LOG, log).putInt(LOG_SIZE, LOG_BYTES).putInt(LOG_LEVEL, 1);
            kernel.tryBpf(BpfCommand.BPF_BTF_LOAD, attributes.memory());
            throw failure(kernel, name, result, log.getString(0));
        }
    }

    private static RuntimeException failure(Kernel kernel, String name, int result, String log) {
        BpfCommand command = BpfCommand.BPF_BTF_LOAD;
        if (log.isBlank()) {
            return kernel.failure(command, name, result, BTF);
        }
        Errno errno = Errno.of(result);
        return new VerifierException(command.name(), name, errno, kernel.remedy(command, errno), log);
    }

    /** The descriptor, for the calls that make maps and programs. */
    public int number() {
        return descriptor.number();
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
