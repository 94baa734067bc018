package net.sniproxy.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
    private static final String SECTION = """
            # A title of its own

            Said before.

            | | µs | remark |
            |---|---|---|
            | SNI-Proxy relay | 1,234.5 / 7 | good |
            | <other> | 17 | 3 better |

            Said after.
            """;

    @TempDir
    Path directory;

    @Test
    void shouldReadTheTablesOfAPage() {
        assertThat(Table.of(SECTION))
                .containsExactly(new Table(
                        List.of("", "µs", "remark"),
                        List.of(
                                List.of("SNI-Proxy relay", "1,234.5 / 7", "good"),
                                List.of("<other>", "17", "3 better"))));
    }

    @Test
    void shouldTakeTheFirstFigureOfACell() {
        assertThat(Table.figure("1,234.5 / 7")).isEqualTo(OptionalDouble.of(1234.5));
        assertThat(Table.figure("**-2.50** best")).isEqualTo(OptionalDouble.of(-2.5));
        assertThat(Table.figure("good")).isEmpty();
    }

    @Test
    void shouldPutPageChartAndJsonTogether() throws Exception {
        Files.writeString(directory.resolve("speed.md"), SECTION);
        Report.main(new String[] {directory.toString(), "One run.", "speed=How fast"});
        assertThat(directory.resolve("report.md"))
                .content()
                .startsWith("# Benchmarks\n\nOne run.\n\n## How fast\n\nSaid before.")
                .contains("Said after.", "![How fast](speed.svg)")
                .doesNotContain("A title of its own");
        assertThat(directory.resolve("speed.svg"))
                .content()
                .startsWith("<svg")
                .contains(">µs<", "&lt;other&gt;", ">1,235<")
                .doesNotContain("remark");
        JsonNode row = JsonMapper.shared()
                .readTree(directory.resolve("report.json"))
                .get(0)
                .get("rows")
                .get(0);
        assertThat(row.get("name").stringValue()).isEqualTo("SNI-Proxy relay");
        assertThat(row.get("µs").doubleValue()).isEqualTo(1234.5);
        assertThat(row.get("remark").stringValue()).isEqualTo("good");
    }
}
