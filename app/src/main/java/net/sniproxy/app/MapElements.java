package net.sniproxy.app;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.btf.BtfException;
import net.sniproxy.bpf.btf.BtfValues;
import net.sniproxy.bpf.load.LoadedTypes;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapInfo;

/** Elements of a map in the words of {@code bpftool map dump}: as bytes, and by their types where the map has any. */
final class MapElements {
    private final BpfMap map;
    private final Optional<BtfValues> values;

    MapElements(BpfMap map) {
        this.map = map;
        this.values = types(map);
    }

    private static Optional<BtfValues> types(BpfMap map) {
        MapInfo.Types types = map.info().types();
        if (types.btf() == 0 || types.value() == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BtfValues(LoadedTypes.read(map.kernel(), types.btf())));
        } catch (BtfException | BpfException unreadable) {
            // Somebody else's, of kinds that are not known here, or gone: the bytes are still to be had.
            return Optional.empty();
        }
    }

    /** Keys and values as bytes. */
    Map<String, Object> asBytes(MemorySegment key, MemorySegment value) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("key", bytes(key));
        putValues(element, value, MapElements::bytes);
        return element;
    }

    /** Keys and values by their types; empty if the map has none, or such as have no values. */
    Optional<Map<String, Object>> byTypes(MemorySegment key, MemorySegment value) {
        return values.flatMap(readable -> {
            try {
                MapInfo.Types types = map.info().types();
                Map<String, Object> element = new LinkedHashMap<>();
                if (types.key() != 0) {
                    element.put("key", readable.read(types.key(), key));
                }
                putValues(element, value, one -> readable.read(types.value(), one));
                return Optional.of(element);
            } catch (BtfException noValues) {
                return Optional.empty();
            }
        });
    }

    private void putValues(Map<String, Object> element, MemorySegment value, Function<MemorySegment, Object> read) {
        if (!map.type().perCpu()) {
            element.put("value", read.apply(value));
            return;
        }
        int size = map.info().valueSize();
        int cpus = map.kernel().possibleCpus();
        long stride = value.byteSize() / cpus;
        element.put(
                "values",
                IntStream.range(0, cpus)
                        .mapToObj(cpu -> ofCpu(cpu, read.apply(value.asSlice(cpu * stride, size))))
                        .toList());
    }

    private static Map<String, Object> ofCpu(int cpu, Object value) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("cpu", cpu);
        one.put("value", value);
        return one;
    }

    private static List<String> bytes(MemorySegment memory) {
        List<String> bytes = new ArrayList<>();
        for (byte one : memory.toArray(ValueLayout.JAVA_BYTE)) {
            bytes.add("0x%02x".formatted(one));
        }
        return bytes;
    }
}
