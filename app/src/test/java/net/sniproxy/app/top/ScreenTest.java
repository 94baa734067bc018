package net.sniproxy.app.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScreenTest {
    private static final View BY_RATE = View.FIRST;

    private static JsonNode answer(long nanos, long accepted, String live) {
        return JsonMapper.shared().readTree("""
                        {"nanos": %d, "connections": {"accepted": %d, "open": 2, "ended": {}},
                         "paths": [{"path": "relay", "open": 2, "connections": 9, "bytes_up": %d, "bytes_down": 0}],
                         "names": [{"name": "a.test", "open": 1, "connections": 3, "bytes_up": 5, "bytes_down": 6}],
                         "clients": [], "routes": [], "live": [%s],
                         "drops": {"denied": %d}, "dns": {"hits": 7, "misses": 1}}
                        """.formatted(nanos, accepted, accepted * 1_000, live, accepted));
    }

    private static String connection(int id, String name, long up) {
        return """
               {"id": %d, "client": "192.0.2.1:4000", "name": "%s", "path": "relay", "age_seconds": %d, "bytes_up": %d,
                "bytes_down": 0}
               """.formatted(id, name, 100 - id, up);
    }

    /** Two seconds during which the first connection moved more, and the second moved more before. */
    private static Sample sample() {
        return Sample.of(
                answer(3_000_000_000L, 30, connection(1, "fast.test", 4_000) + "," + connection(2, "big.test", 9_000)),
                answer(1_000_000_000L, 10, connection(1, "fast.test", 0) + "," + connection(2, "big.test", 8_000)));
    }

    @Test
    void shouldTakeRatesFromTwoAnswers() {
        JsonNode json = sample().json();
        assertThat(json.at("/seconds").asDouble()).isEqualTo(2.0);
        assertThat(json.at("/rates/connections_per_second").asDouble()).isEqualTo(10.0);
        assertThat(json.at("/rates/up_per_second").asDouble()).isEqualTo(10_000.0);
        assertThat(json.at("/rates/drops_per_second/denied").asDouble()).isEqualTo(10.0);
        assertThat(json.at("/live/0/up_per_second").asDouble()).isEqualTo(2_000.0);
        assertThat(json.at("/live/1/up_per_second").asDouble()).isEqualTo(500.0);
    }

    @Test
    void shouldSortAndFilter() {
        assertThat(rows(BY_RATE))
                .satisfiesExactly(
                        line -> assertThat(line).contains("fast.test", "4.00k", "2.00k"),
                        line -> assertThat(line).contains("big.test", "9.00k", "500"));
        assertThat(rows(BY_RATE.sortedBy(View.Sort.BYTES)).getFirst()).contains("big.test");
        assertThat(rows(BY_RATE.sortedBy(View.Sort.OPEN)).getFirst()).contains("fast.test", "1m39s");
        assertThat(rows(BY_RATE.filteredBy("big")))
                .hasSize(1)
                .first()
                .asString()
                .contains("big.test");
        assertThat(rows(BY_RATE.showing(View.Rows.NAMES)))
                .hasSize(1)
                .first()
                .asString()
                .contains("a.test");
    }

    @Test
    void shouldCutListsByTheOrderThatWasAskedFor() {
        assertThat(sample().first(View.Sort.RATE, 1).json().at("/live").valueStream())
                .singleElement()
                .satisfies(row -> assertThat(row.path("name").asString()).isEqualTo("fast.test"));
        assertThat(sample().first(View.Sort.BYTES, 1).json().at("/live").valueStream())
                .singleElement()
                .satisfies(row -> assertThat(row.path("name").asString()).isEqualTo("big.test"));
        assertThat(sample().first(View.Sort.RATE, 0).json().at("/paths").size()).isEqualTo(1);
    }

    /** With fewer rows than were asked for the list was whole, and what is new in it began at zero. */
    @Test
    void shouldTakeNoRateFromWhatWasNotAmongTheRowsBefore() {
        for (int rows : List.of(Sample.ROWS - 1, Sample.ROWS)) {
            String others = IntStream.range(0, rows)
                    .mapToObj(id -> connection(id, "other.test", 5))
                    .collect(Collectors.joining(","));
            Sample sample = Sample.of(
                    answer(3_000_000_000L, 30, connection(99_999, "late.test", 4_000)),
                    answer(1_000_000_000L, 10, others));
            assertThat(sample.json().at("/live/0/up_per_second").asDouble())
                    .as("%s rows before", rows)
                    .isEqualTo(rows < Sample.ROWS ? 2_000.0 : 0.0);
        }
    }

    private static List<String> rows(View view) {
        List<String> lines = Screen.lines(sample(), view, 200, 100);
        return lines.subList(6, lines.size());
    }

    @Test
    void shouldFitIntoAnyTerminal() {
        for (int width = 1; width < 140; width += 7) {
            for (int height = 0; height < 12; height++) {
                int most = width;
                assertThat(Screen.lines(sample(), BY_RATE, width, height))
                        .hasSizeLessThanOrEqualTo(height)
                        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(most));
            }
        }
    }

    @Test
    void shouldNotLetAClientCommandTheTerminal() {
        Sample hostile =
                Sample.of(answer(2, 1, connection(1, "\\u001b[2Jevil\\u0007", 1)), answer(1, 1, connection(1, "x", 1)));
        assertThat(String.join("", Screen.lines(hostile, BY_RATE, 200, 100)))
                .contains("?[2Jevil?")
                .doesNotContain("\u001b", "\u0007");
    }

    @Test
    void shouldWriteNumbersForPeople() {
        Map.of(0.0, "0", 999.4, "999", 1_000.0, "1.00k", 9_999.0, "10.0k", 123_456.0, "123k", 5.6e9, "5.60G")
                .forEach((bytes, text) ->
                        assertThat(Figures.bytes(bytes)).as("%s", bytes).isEqualTo(text));
        Map.of(59L, "59s", 60L, "1m00s", 3_725L, "1h02m", 90_000L, "1d01h")
                .forEach((seconds, text) ->
                        assertThat(Figures.age(seconds)).as("%s", seconds).isEqualTo(text));
    }
}
