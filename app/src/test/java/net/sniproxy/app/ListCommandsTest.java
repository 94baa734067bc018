package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestPrograms;
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

    private static JsonNode shownByBpftool(String kind, int id) throws Exception {
        Process tool = new ProcessBuilder("bpftool", "-j", kind, "show", "id", Integer.toString(id))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonNode shown = JsonMapper.shared().readTree(tool.getInputStream().readAllBytes());
        assertThat(tool.waitFor()).isZero();
        return shown;
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
