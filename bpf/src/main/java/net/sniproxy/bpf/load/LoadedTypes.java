package net.sniproxy.bpf.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * BTF in the kernel. Maps and programs made with it keep it there, so it can be closed when they are loaded. Owner of
 * the offsets of BPF_BTF_LOAD and of {@code struct bpf_btf_info}.
 */
public final class LoadedTypes extends KernelObject {
    private static final int SIZE = 28;
    private static final int BYTES = 0;
    private static final int LOG = 8;
    private static final int BYTES_SIZE = 16;
    private static final int LOG_SIZE = 20;
    private static final int LOG_LEVEL = 24;
    private static final int LOG_BYTES = 1 << 20;

    private static final int INFO_SIZE = 32;
    private static final int INFO_TYPES = 0;
    private static final int INFO_TYPES_SIZE = 8;

    private static final Requirement BTF = Requirement.of("BTF", 4, 18, "CONFIG_BPF_SYSCALL");

    private LoadedTypes(Kernel kernel, Descriptor descriptor, String label) {
        super(kernel, descriptor, label);
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
                return new LoadedTypes(kernel, Descriptor.own(kernel.calls(), result, name), name);
            }
            MemorySegment log = arena.allocate(LOG_BYTES);
            attributes.putAddress(LOG, log).putInt(LOG_SIZE, LOG_BYTES).putInt(LOG_LEVEL, 1);
            kernel.tryBpf(BpfCommand.BPF_BTF_LOAD, attributes.memory());
            throw failure(kernel, name, result, log.getString(0));
        }
    }

    /**
     * Reads the types of an id, such as a map's ({@link net.sniproxy.bpf.map.MapInfo.Types#btf()}).
     *
     * @throws net.sniproxy.bpf.BpfException ENOENT if there are none
     * @throws net.sniproxy.bpf.btf.BtfException if they are of a kind that this toolkit does not know
     */
    public static Btf read(Kernel kernel, int id) {
        String label = "BTF of id " + id;
        try (Arena arena = Arena.ofConfined();
                Descriptor types = openById(kernel, BpfCommand.BPF_BTF_GET_FD_BY_ID, id, label)) {
            Attributes info = Attributes.of(arena, INFO_SIZE);
            readInfo(kernel, types, info, label);
            MemorySegment bytes = arena.allocate(info.getInt(INFO_TYPES_SIZE));
            Attributes whole = Attributes.of(arena, INFO_SIZE)
                    .putAddress(INFO_TYPES, bytes)
                    .putInt(INFO_TYPES_SIZE, (int) bytes.byteSize());
            readInfo(kernel, types, whole, label);
            return Btf.parse(bytes.toArray(ValueLayout.JAVA_BYTE));
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
        return descriptor().number();
    }
}
