package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestPrograms;
import net.sniproxy.kernel.DnsRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the command lists is what bpftool lists. */
@KernelTest
class ListCommandsTest {
    private static JsonNode listed(String kind, int id) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        assertThat(CommandLines.sniProxy(out, out).execute(kind, "list", "--json"))
                .as(text.toString())
                .isEqualTo(ExitCode.OK);
        for (JsonNode row : JsonMapper.shared().readTree(text.toString())) {
            if (row.get("id").intValue() == id) {
                return row;
            }
        }
        throw new AssertionError("no " + kind + " of id " + id + " in " + text);
    }

    private static String printed(int exitCode, String... arguments) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        assertThat(CommandLines.sniProxy(out, out).execute(arguments))
                .as(text.toString())
                .isEqualTo(exitCode);
        return text.toString();
    }

    private static JsonNode byBpftool(String... arguments) throws Exception {
        Process tool = new ProcessBuilder(Stream.concat(Stream.of("bpftool", "-j"), Stream.of(arguments))
                        .toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonNode shown = JsonMapper.shared().readTree(tool.getInputStream().readAllBytes());
        assertThat(tool.waitFor()).isZero();
        return shown;
    }

    private static JsonNode shownByBpftool(String kind, int id) throws Exception {
        return byBpftool(kind, "show", "id", Integer.toString(id));
    }

    private static void assertSame(JsonNode ours, JsonNode theirs, List<String> members) {
        for (String member : members) {
            assertThat(ours.get(member)).as(member).isNotNull().isEqualTo(theirs.get(member));
        }
    }

    @Test
    void shouldListMapsAsBpftoolDoes() throws Exception {
        for (MapType type : List.of(MapType.HASH, MapType.LRU_HASH, MapType.PERCPU_ARRAY)) {
            MapSpec spec = MapSpec.named("LISTED", type)
                    .key(IntegerLayout.U32)
                    .value(IntegerLayout.U64)
                    .maxEntries(64)
                    .build();
            try (BpfMap map = BpfMap.create(Kernel.running(), spec)) {
                int id = map.info().id();
                assertSame(
                        listed("map", id),
                        shownByBpftool("map", id),
                        List.of("id", "type", "name", "bytes_key", "bytes_value", "max_entries"));
            }
        }
    }

    @Test
    void shouldListProgramsAsBpftoolDoes() throws Exception {
        var spec = TestPrograms.object(
                TestPrograms.returning("listed", ProgramType.XDP, 2).build());
        try (LoadedObject object = LoadedObject.load(Kernel.running(), spec, LoadOptions.defaults())) {
            int id = object.program("listed").info().id();
            assertSame(
                    listed("prog", id),
                    shownByBpftool("prog", id),
                    List.of("id", "type", "name", "bytes_xlated", "bytes_jited"));
        }
    }

    /** Elements by their keys: the order of a hash is nobody's. */
    private static Map<String, String> elements(JsonNode dump, String member) {
        Map<String, String> elements = new TreeMap<>();
        dump.forEach(element ->
                elements.put(element.get("key").toString(), element.get(member).toString()));
        return elements;
    }

    @Test
    void shouldDumpMapsAsBpftoolDoes() throws Exception {
        for (MapType type : List.of(MapType.HASH, MapType.LRU_HASH, MapType.ARRAY, MapType.PERCPU_ARRAY)) {
            MapSpec spec = MapSpec.named("DUMPED", type)
                    .key(IntegerLayout.U32)
                    .value(IntegerLayout.U64)
                    // An LRU map evicts before it is full: each processor keeps up to 128 free elements for itself.
                    .maxEntries(2_000)
                    .build();
            try (BpfMap map = BpfMap.create(Kernel.running(), spec)) {
                fill(map);
                String id = Integer.toString(map.info().id());
                String member = type.perCpu() ? "values" : "value";
                JsonNode ours = JsonMapper.shared().readTree(printed(ExitCode.OK, "map", "dump", id, "--json"));
                assertThat(elements(ours, member))
                        .as("%s", type)
                        .isEqualTo(elements(byBpftool("map", "dump", "id", id), member))
                        .hasSizeBetween(600, 2_000);
                assertThat(printed(ExitCode.OK, "map", "dump", id)).contains("key: 07 00 00 00", "Found ");
            }
        }
    }

    /** Each kind of number, in an order that leaves gaps between them. */
    @Struct("Kinds")
    record Kinds(
            byte s8,
            @Unsigned short u16,
            @Unsigned byte u8,
            long s64,
            boolean flag,
            int s32,
            short s16,
            @Unsigned long u64,
            @Unsigned int u32) {}

    /** With values in which a wrong size, sign or offset shows. */
    @Test
    void shouldDumpTypedMapsAsBpftoolDoes() throws Exception {
        for (MapType type : List.of(MapType.HASH, MapType.LRU_HASH, MapType.PERCPU_HASH)) {
            MapSpec spec = MapSpec.named("TYPED", type)
                    .key(StructLayout.of(DnsRecord.class))
                    .value(StructLayout.of(Kinds.class))
                    .maxEntries(1_000)
                    .build();
            try (LoadedObject object = LoadedObject.load(
                    Kernel.running(), new ObjectSpec(List.of(spec), List.of()), LoadOptions.defaults())) {
                BpfMap map = object.map("TYPED");
                fillWithRandomBytes(map);
                String id = Integer.toString(map.info().id());
                JsonNode ours = JsonMapper.shared().readTree(printed(ExitCode.OK, "map", "dump", id, "--json"));
                assertThat(elements(ours, "formatted"))
                        .as("%s", type)
                        .isEqualTo(elements(byBpftool("map", "dump", "id", id), "formatted"))
                        .hasSize(40);
                assertThat(printed(ExitCode.OK, "map", "dump", id))
                        .contains("\"ip_type\":", "\"s16\":", "Found 40 elements");
            }
        }
    }

    private static void fillWithRandomBytes(BpfMap map) {
        Random random = new Random(7);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 40; i++) {
                map.update(
                        arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(random, map.keySize())),
                        arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(random, map.valueBytes())),
                        UpdateMode.ANY);
            }
        }
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void fill(BpfMap map) {
        for (int key = 0; key < 600; key++) {
            if (map.type().perCpu()) {
                PerCpuMap<Integer, Long> view = PerCpuMap.of(map, Codec.u32(), Codec.u64());
                long first = key;
                view.update(
                        key,
                        LongStream.range(0, view.cpus())
                                .mapToObj(cpu -> first << 8 | cpu)
                                .toList(),
                        UpdateMode.ANY);
            } else {
                TypedMap.of(map, Codec.u32(), Codec.u64()).update(key, key * 0x0101_0101_0101L);
            }
        }
    }

    @Test
    void shouldFindAMapByItsNameIfThatIsClear() {
        String name = "D" + ProcessHandle.current().pid() + "_LONG_NAME";
        MapSpec spec = MapSpec.named(name, MapType.HASH)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(4)
                .build();
        assertThat(printed(ExitCode.FAILED, "map", "dump", name)).contains("there is no map '" + name + "'");
        try (BpfMap one = BpfMap.create(Kernel.running(), spec)) {
            assertThat(printed(ExitCode.OK, "map", "dump", name)).contains("Found 0 elements");
            try (BpfMap two = BpfMap.create(Kernel.running(), spec)) {
                assertThat(printed(ExitCode.FAILED, "map", "dump", name))
                        .contains(one.info().id() + ", " + two.info().id());
            }
        }
    }

    @Test
    void shouldPrintATableForPeople() {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        MapSpec spec = MapSpec.named("SHOWN", MapType.HASH)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(64)
                .build();
        try (BpfMap map = BpfMap.create(Kernel.running(), spec)) {
            assertThat(CommandLines.sniProxy(out, out).execute("map", "list")).isEqualTo(ExitCode.OK);
            assertThat(text.toString().lines().toList())
                    .anyMatch(line -> line.matches(map.info().id() + " +hash +SHOWN +4 +8 +64"))
                    .first()
                    .satisfies(line -> assertThat(line).startsWith("id "));
        }
    }
}
