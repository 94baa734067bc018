package net.sniproxy.bpf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.VerifierLog;

/**
 * How an object is loaded. Immutable: the {@code with} methods return copies.
 *
 * @param pinDirectory where the maps that ask for it are pinned, and looked for first; none by default
 * @param sharedMaps maps to use, by the name in the spec, instead of making them; they keep their owners. None by default
 * @param verifierLog what the verifier is to write about accepted programs; nothing by default
 * @param kernelTypes the kernel's BTF, asked for only if a program is attached by a name in it; by default read from
 *     /sys/kernel/btf/vmlinux
 */
public record LoadOptions(
        Optional<Path> pinDirectory,
        Map<String, BpfMap> sharedMaps,
        VerifierLog verifierLog,
        Supplier<Btf> kernelTypes) {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

    public LoadOptions {
        sharedMaps = Map.copyOf(sharedMaps);
    }

    /** No pins, no shared maps, a verifier log where a program is rejected, the types of the running kernel. */
    public static LoadOptions defaults() {
        return new LoadOptions(Optional.empty(), Map.of(), VerifierLog.ON_REJECTION, LoadOptions::readKernelTypes);
    }

    /** The same with a directory of a BPF file system for the maps that ask for a pin. */
    public LoadOptions withPinDirectory(Path directory) {
        return new LoadOptions(Optional.of(directory), sharedMaps, verifierLog, kernelTypes);
    }

    /** The same with one more map that is used instead of being made; its key and value must be those of the spec. */
    public LoadOptions withSharedMap(String name, BpfMap map) {
        Map<String, BpfMap> more = new HashMap<>(sharedMaps);
        more.put(name, map);
        return new LoadOptions(pinDirectory, more, verifierLog, kernelTypes);
    }

    /** The same with more, or less, of what the verifier writes. */
    public LoadOptions withVerifierLog(VerifierLog wanted) {
        return new LoadOptions(pinDirectory, sharedMaps, wanted, kernelTypes);
    }

    /** The same with the types of another kernel; asked for once, and only if a program is attached by name. */
    public LoadOptions withKernelTypes(Supplier<Btf> types) {
        return new LoadOptions(pinDirectory, sharedMaps, verifierLog, types);
    }

    private static Btf readKernelTypes() {
        try {
            return Btf.read(VMLINUX);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the kernel's types from " + VMLINUX
                            + ": it needs Linux 5.4 with CONFIG_DEBUG_INFO_BTF, and /sys",
                    e);
        }
    }
}
