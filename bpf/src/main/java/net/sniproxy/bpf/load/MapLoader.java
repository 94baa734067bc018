package net.sniproxy.bpf.load;

import java.nio.file.Files;
import java.nio.file.Path;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapInfo;
import net.sniproxy.bpf.map.MapTypes;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.sys.Errno;

/** Makes a map, or opens the one that is pinned under its name. */
final class MapLoader {
    private final Kernel kernel;
    private final LoadOptions options;

    MapLoader(Kernel kernel, LoadOptions options) {
        this.kernel = kernel;
        this.options = options;
    }

    BpfMap load(MapSpec spec, MapTypes types) {
        if (!spec.pinned()) {
            return BpfMap.create(kernel, spec, types);
        }
        Path path = options.pinDirectory()
                .orElseThrow(() -> new IllegalArgumentException(
                        "map " + spec.name() + " is to be pinned, but the options name no directory for pins"))
                .resolve(spec.name());
        return Files.exists(path) ? adopt(spec, path) : createAndPin(spec, types, path);
    }

    private BpfMap createAndPin(MapSpec spec, MapTypes types, Path path) {
        BpfMap map = BpfMap.create(kernel, spec, types);
        try {
            map.pin(path);
            return map;
        } catch (BpfException failure) {
            map.close();
            // Another process has pinned it since we looked: then that is the map.
            if (failure.errno().equals(Errno.EEXIST)) {
                return adopt(spec, path);
            }
            throw failure;
        }
    }

    private BpfMap adopt(MapSpec spec, Path path) {
        BpfMap map = BpfMap.open(kernel, path);
        MapInfo info = map.info();
        boolean fits = map.type() == spec.type()
                && info.keySize() == spec.keySize()
                && info.valueSize() == spec.valueSize()
                && info.maxEntries() == spec.maxEntries();
        if (!fits) {
            map.close();
            throw new IllegalStateException("the map pinned at " + path + " is a "
                    + shape(map.type(), info.keySize(), info.valueSize(), info.maxEntries()) + ", but "
                    + shape(spec.type(), spec.keySize(), spec.valueSize(), spec.maxEntries())
                    + " is wanted: remove the pin, which loses what is in the map, or go back to the version that"
                    + " made it");
        }
        return map;
    }

    private static String shape(MapType type, int keySize, int valueSize, int maxEntries) {
        return type + " of " + maxEntries + " entries of " + keySize + " + " + valueSize + " bytes";
    }
}
