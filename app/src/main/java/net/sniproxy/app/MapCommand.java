package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapInfo;
import net.sniproxy.bpf.spec.MapType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sni-proxy map}: the maps in the kernel. */
@Command(name = "map", description = "Show the BPF maps in the kernel.", synopsisSubcommandLabel = "COMMAND")
final class MapCommand {
    private final PrintWriter out;

    MapCommand(PrintWriter out) {
        this.out = out;
    }

    /** {@code map list}. */
    @Command(name = "list", description = "List all maps, those of other programs too. Needs root.")
    int list(@Option(names = "--json", description = "One JSON array, in the words of bpftool.") boolean json) {
        try {
            List<MapInfo> maps = BpfMap.all(Kernel.running());
            if (json) {
                Listing.printJson(out, maps.stream().map(MapCommand::row).toList());
            } else {
                Listing.printTable(out, maps.stream().map(MapCommand::row).toList());
            }
            return ExitCode.OK;
        } catch (BpfException e) {
            throw new CommandFailure("maps cannot be listed: " + e.getMessage(), e);
        }
    }

    /** {@code map dump}. */
    @Command(name = "dump", description = "Show every element of a map, by its BTF types or else as bytes. Needs root.")
    int dump(
            @Parameters(paramLabel = "NAME", description = "Its name or its id, as map list shows them.") String name,
            @Option(
                            names = "--json",
                            description = "One JSON array, in the words of bpftool: bytes, and the same by types.")
                    boolean json) {
        try {
            new MapDump(out).write(name, json);
            return ExitCode.OK;
        } catch (BpfException e) {
            throw new CommandFailure("map " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> row(MapInfo map) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", map.id());
        row.put("type", type(map.type()));
        row.put("name", map.name());
        row.put("bytes_key", map.keySize());
        row.put("bytes_value", map.valueSize());
        row.put("max_entries", map.maxEntries());
        return row;
    }

    private static String type(int number) {
        return Arrays.stream(MapType.values())
                .filter(type -> type.number() == number)
                .map(MapType::kernelName)
                .findFirst()
                .orElse("type " + number);
    }
}
