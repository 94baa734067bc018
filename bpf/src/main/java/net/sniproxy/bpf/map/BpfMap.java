package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * A map in the kernel, with keys and values as bytes in native memory.
 *
 * <p>{@link #lookup}, {@link #update} and {@link #delete} allocate nothing. The segments belong to the caller and must be
 * native, at least {@link #keySize()} and {@link #valueBytes()} long; what is behind that is not touched.
 *
 * <p>Safe for use by many threads, each with segments of its own: the kernel sees to it that an element is whole, except
 * for values that a program changes in place, of which a lookup may see a mixture of old and new words.
 */
public final class BpfMap extends KernelObject {
    private final MapType type;
    private final MapInfo info;
    private final int valueBytes;

    private BpfMap(Kernel kernel, Descriptor descriptor, MapType type, MapInfo info, String name) {
        super(kernel, descriptor, "map " + name);
        this.type = type;
        this.info = info;
        this.valueBytes = type.perCpu() ? alignedTo8(info.valueSize()) * kernel.possibleCpus() : info.valueSize();
    }

    /**
     * Makes a map.
     *
     * @param types BTF of its key and value, which SK_STORAGE requires and others may have
     * @throws BpfException if the kernel refuses
     */
    public static BpfMap create(Kernel kernel, MapSpec spec, MapTypes types) {
        Descriptor descriptor = MapCreation.create(kernel, spec, types);
        return fromDescriptor(kernel, descriptor, "map " + spec.name());
    }

    /** Makes a map without BTF. */
    public static BpfMap create(Kernel kernel, MapSpec spec) {
        return create(kernel, spec, MapTypes.NONE);
    }

    /**
     * Opens the map that is pinned at a path.
     *
     * @throws BpfException ENOENT if nothing is pinned there; EINVAL if it is no map
     */
    public static BpfMap open(Kernel kernel, Path path) {
        return fromDescriptor(kernel, openPinned(kernel, path, Kind.MAP), "map at " + path);
    }

    /**
     * Opens a map by its id.
     *
     * @throws BpfException ENOENT if there is none
     */
    public static BpfMap byId(Kernel kernel, int id) {
        String label = "map of id " + id;
        return fromDescriptor(kernel, openById(kernel, BpfCommand.BPF_MAP_GET_FD_BY_ID, id, label), label);
    }

    /**
     * What the kernel knows of every map in the system, of whatever type and whoever made it. Needs CAP_SYS_ADMIN.
     *
     * @throws BpfException if the kernel refuses
     */
    public static List<MapInfo> all(Kernel kernel) {
        List<MapInfo> all = new ArrayList<>();
        for (int id : ids(kernel, BpfCommand.BPF_MAP_GET_NEXT_ID, "maps")) {
            String label = "map of id " + id;
            try (Descriptor one = openById(kernel, BpfCommand.BPF_MAP_GET_FD_BY_ID, id, label)) {
                all.add(info(kernel, one, label));
            } catch (BpfException e) {
                // Gone since its id was listed.
                if (!Errno.ENOENT.equals(e.errno())) {
                    throw e;
                }
            }
        }
        return all;
    }

    private static BpfMap fromDescriptor(Kernel kernel, Descriptor descriptor, String label) {
        try {
            MapInfo info = info(kernel, descriptor, label);
            return new BpfMap(kernel, descriptor, typeOf(info, label), info, info.name());
        } catch (RuntimeException failure) {
            descriptor.close();
            throw failure;
        }
    }

    private static MapType typeOf(MapInfo info, String label) {
        for (MapType type : MapType.values()) {
            if (type.number() == info.type()) {
                return type;
            }
        }
        throw new IllegalArgumentException(label + " is of type " + info.type() + ", which this toolkit does not use");
    }

    private static MapInfo info(Kernel kernel, Descriptor descriptor, String label) {
        try (Arena arena = Arena.ofConfined()) {
            var attributes = MapInfo.allocate(arena);
            readInfo(kernel, descriptor, attributes, label);
            return MapInfo.of(attributes);
        }
    }

    /** Bytes that one CPU's value takes in a copy of a per-CPU map's value. */
    static int alignedTo8(int size) {
        return (size + 7) & -8;
    }

    /** Its kind. */
    public MapType type() {
        return type;
    }

    /** What the kernel knows of it; none of it changes. */
    public MapInfo info() {
        return info;
    }

    /** Bytes of a key. */
    public int keySize() {
        return info.keySize();
    }

    /**
     * Bytes that a lookup writes and an update reads: the size of a value, or for a per-CPU map that size rounded up to
     * a multiple of 8, times the number of <em>possible</em> CPUs.
     */
    public int valueBytes() {
        return valueBytes;
    }

    /**
     * Copies the value of a key.
     *
     * @param value what receives it; untouched if the key is not in the map
     * @return whether the key is in the map
     */
    public boolean lookup(MemorySegment key, MemorySegment value) {
        requireSizes(key, value);
        return found(BpfCommand.BPF_MAP_LOOKUP_ELEM, call(BpfCommand.BPF_MAP_LOOKUP_ELEM, key, value, 0));
    }

    /**
     * Writes a value.
     *
     * @return false if {@code mode} forbade it: the key is there and must not be, or is not and must be
     * @throws BpfException E2BIG if the map is full or an array has no such index
     */
    public boolean update(MemorySegment key, MemorySegment value, UpdateMode mode) {
        requireSizes(key, value);
        int result = call(BpfCommand.BPF_MAP_UPDATE_ELEM, key, value, mode.flag());
        boolean forbidden = mode == UpdateMode.NO_EXIST && Errno.EEXIST.is(result)
                || mode == UpdateMode.EXIST && Errno.ENOENT.is(result);
        if (result < 0 && !forbidden) {
            throw failure(BpfCommand.BPF_MAP_UPDATE_ELEM, result);
        }
        return !forbidden;
    }

    /**
     * Removes a key.
     *
     * @return whether it was in the map
     * @throws BpfException EINVAL for an array, whose elements are always there
     */
    public boolean delete(MemorySegment key) {
        requireSize("key", key, info.keySize());
        return found(BpfCommand.BPF_MAP_DELETE_ELEM, call(BpfCommand.BPF_MAP_DELETE_ELEM, key, MemorySegment.NULL, 0));
    }

    /**
     * Copies the value of a key and removes it, in one step that no other can come between. Hash maps, Linux 5.14.
     *
     * @return whether the key was in the map
     */
    public boolean lookupAndDelete(MemorySegment key, MemorySegment value) {
        requireSizes(key, value);
        int result = call(BpfCommand.BPF_MAP_LOOKUP_AND_DELETE_ELEM, key, value, 0);
        if (result < 0 && !Errno.ENOENT.is(result)) {
            throw kernel().failure(
                            BpfCommand.BPF_MAP_LOOKUP_AND_DELETE_ELEM, label(), result, MapCreation.LOOKUP_AND_DELETE);
        }
        return result >= 0;
    }

    /**
     * Finds the key after another in the map's own order.
     *
     * @param previous {@link MemorySegment#NULL} for the first key; the first key follows also a key that is not there
     * @param next receives the key
     * @return whether there is one
     */
    boolean nextKey(MemorySegment previous, MemorySegment next) {
        return found(BpfCommand.BPF_MAP_GET_NEXT_KEY, call(BpfCommand.BPF_MAP_GET_NEXT_KEY, previous, next, 0));
    }

    private int call(BpfCommand command, MemorySegment key, MemorySegment value, long flags) {
        return ElementCalls.call(kernel().calls(), command, descriptor().number(), key, value, flags);
    }

    private boolean found(BpfCommand command, int result) {
        if (result >= 0) {
            return true;
        }
        if (Errno.ENOENT.is(result)) {
            return false;
        }
        throw failure(command, result);
    }

    BpfException failure(BpfCommand command, int result) {
        return kernel().failure(command, label(), result);
    }

    private void requireSizes(MemorySegment key, MemorySegment value) {
        requireSize("key", key, info.keySize());
        requireSize("value", value, valueBytes);
    }

    // The kernel reads and writes the map's sizes whatever the segments' are.
    private void requireSize(String what, MemorySegment segment, int size) {
        if (segment.byteSize() < size || !segment.isNative()) {
            throw new IllegalArgumentException(label() + ": a " + what + " is " + size + " bytes of native memory, not "
                    + segment.byteSize() + " bytes" + (segment.isNative() ? "" : " on the heap"));
        }
    }
}
