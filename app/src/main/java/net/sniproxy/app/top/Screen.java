package net.sniproxy.app.top;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Draws a {@link Sample} as lines of text. */
public final class Screen {
    private static final List<Column> MOVED = List.of(
            Column.bytes("UP", "bytes_up"),
            Column.bytes("DOWN", "bytes_down"),
            Column.bytes("UP/s", "up_per_second"),
            Column.bytes("DOWN/s", "down_per_second"));

    private Screen() {}

    /**
     * The lines from top to bottom, none longer than {@code width}.
     *
     * @param height at most so many
     */
    public static List<String> lines(Sample sample, View view, int width, int height) {
        JsonNode now = sample.json();
        List<String> lines = new ArrayList<>(List.of(totals(now), paths(now), drops(now), names(now)));
        lines.add("");
        List<Column> columns =
                Stream.concat(view.rows().columns().stream(), MOVED.stream()).toList();
        lines.add(columns.stream().map(column -> column.cell(column.title())).collect(Collectors.joining(" ")));
        now.path(view.rows().list())
                .valueStream()
                .filter(row -> view.filter().isEmpty() || row.toString().contains(view.filter()))
                .sorted(view.sort().largestFirst())
                .limit(Math.max(0, height - lines.size()))
                .map(row -> columns.stream()
                        .map(column -> column.cell(column.value().apply(row)))
                        .collect(Collectors.joining(" ")))
                .forEach(lines::add);
        return lines.stream()
                .limit(height)
                .map(line -> line.substring(0, Math.min(line.length(), width)).stripTrailing())
                .toList();
    }

    private static String totals(JsonNode now) {
        JsonNode rates = now.path("rates");
        return "sni-proxy  %s open, %s accepted, %.1f/s   up %s/s   down %s/s"
                .formatted(
                        now.path("connections").path("open").asString(""),
                        now.path("connections").path("accepted").asString(""),
                        rates.path("connections_per_second").asDouble(),
                        Figures.bytes(rates.path("up_per_second").asDouble()),
                        Figures.bytes(rates.path("down_per_second").asDouble()));
    }

    private static String paths(JsonNode now) {
        return now.path("paths")
                .valueStream()
                .map(path -> "%s %s open %s/s"
                        .formatted(
                                path.path("path").asString(""),
                                path.path("open").asString(""),
                                Figures.bytes(path.path("up_per_second").asDouble()
                                        + path.path("down_per_second").asDouble())))
                .collect(Collectors.joining("   ", "paths      ", ""));
    }

    private static String drops(JsonNode now) {
        return now.path("drops").properties().stream()
                .map(drop -> "%s %s (%.1f/s)"
                        .formatted(
                                drop.getKey(),
                                drop.getValue().asString(""),
                                now.path("rates")
                                        .path("drops_per_second")
                                        .path(drop.getKey())
                                        .asDouble()))
                .collect(Collectors.joining("   ", "drops      ", ""));
    }

    private static String names(JsonNode now) {
        return now.path("dns").properties().stream()
                .map(count -> count.getKey().toLowerCase(Locale.ROOT) + " " + count.getValue())
                .collect(Collectors.joining("   ", "dns        ", ""));
    }
}
