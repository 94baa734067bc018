package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;

/** Owner of the offsets of BPF_MAP_CREATE. */
final class MapCreation {
    static final Requirement LOOKUP_AND_DELETE = Requirement.of("lookup-and-delete of hash maps", 5, 14);

    private static final int SIZE = 72;
    private static final int TYPE = 0;
    private static final int KEY_SIZE = 4;
    private static final int VALUE_SIZE = 8;
    private static final int MAX_ENTRIES = 12;
    private static final int FLAGS = 16;
    private static final int NAME = 28;
    private static final int BTF = 48;
    private static final int BTF_KEY = 52;
    private static final int BTF_VALUE = 56;

    private MapCreation() {}

    static Descriptor create(Kernel kernel, MapSpec spec, MapTypes types) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(TYPE, spec.type().number())
                    .putInt(KEY_SIZE, spec.keySize())
                    .putInt(VALUE_SIZE, spec.valueSize())
                    .putInt(MAX_ENTRIES, spec.maxEntries())
                    .putInt(FLAGS, spec.flagBits())
                    .putName(NAME, spec.name())
                    .putInt(BTF, types.btf())
                    .putInt(BTF_KEY, types.key())
                    .putInt(BTF_VALUE, types.value());
            return kernel.open(
                    BpfCommand.BPF_MAP_CREATE, attributes.memory(), "map " + spec.name(), requirement(spec.type()));
        }
    }

    /** What the kernel needs for a type of map. */
    static Requirement requirement(MapType type) {
        return switch (type) {
            case HASH, ARRAY -> Requirement.of("hash and array maps", 3, 19, "CONFIG_BPF_SYSCALL");
            case PERCPU_HASH, PERCPU_ARRAY -> Requirement.of("per-CPU maps", 4, 6, "CONFIG_BPF_SYSCALL");
            case LRU_HASH, LRU_PERCPU_HASH -> Requirement.of("LRU maps", 4, 10, "CONFIG_BPF_SYSCALL");
            case LPM_TRIE -> Requirement.of("longest prefix match", 4, 11, "CONFIG_BPF_SYSCALL");
            case SOCKMAP -> Requirement.of("sockmap", 4, 14, "CONFIG_BPF_STREAM_PARSER", "CONFIG_INET");
            case SOCKHASH -> Requirement.of("sockhash", 4, 18, "CONFIG_BPF_STREAM_PARSER", "CONFIG_INET");
            case SK_STORAGE -> Requirement.of("socket storage", 5, 2, "CONFIG_NET");
            case RINGBUF -> Requirement.of("ring buffers", 5, 8, "CONFIG_BPF_SYSCALL");
        };
    }
}
