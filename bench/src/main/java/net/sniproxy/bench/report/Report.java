package net.sniproxy.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.sniproxy.bench.report.BarChart.Bar;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Usage: {@code java … Report DIRECTORY INTRODUCTION NAME=TITLE…}. What each benchmark printed is in {@code NAME.md} of the
 * directory. Writes {@code report.md}, {@code report.json} and a chart for each table into the same directory.
 */
public final class Report {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path directory;
    private final StringBuilder page = new StringBuilder();
    private final ArrayNode tables = JSON.createArrayNode();

    private Report(Path directory, String introduction) {
        this.directory = directory;
        page.append("# Benchmarks\n\n").append(introduction).append('\n');
    }

    public static void main(String[] arguments) throws IOException {
        Report report = new Report(Path.of(arguments[0]), arguments[1]);
        for (String section : List.of(arguments).subList(2, arguments.length)) {
            String[] nameAndTitle = section.split("=", 2);
            report.add(nameAndTitle[0], nameAndTitle[1]);
        }
        report.write();
    }

    private void add(String name, String title) throws IOException {
        // A page's own title would stand beside the section's.
        String text = Files.readString(directory.resolve(name + ".md"))
                .replaceAll("(?m)^#+ .*\\R", "")
                .replaceAll("(?m)^!\\[.*\\R", "")
                .strip();
        page.append("\n## ").append(title).append("\n\n").append(text).append('\n');
        List<Table> found = Table.of(text);
        for (int i = 0; i < found.size(); i++) {
            String chart = found.size() == 1 ? name + ".svg" : name + "-" + (i + 1) + ".svg";
            addTable(title, found.get(i), chart);
        }
    }

    private void addTable(String title, Table table, String file) throws IOException {
        ArrayNode rows = tables.addObject().put("section", title).putArray("rows");
        for (List<String> cells : table.rows()) {
            addRow(rows.addObject(), table, cells);
        }
        List<Integer> figures = new ArrayList<>();
        for (int column = 1; column < table.columns().size(); column++) {
            if (table.isFigures(column)) {
                figures.add(column);
            }
        }
        if (figures.isEmpty()) {
            return;
        }
        BarChart chart = new BarChart();
        figures.forEach(column -> chart.group(table.columns().get(column), bars(table, column)));
        Files.writeString(directory.resolve(file), chart.svg());
        page.append("\n![").append(title).append("](").append(file).append(")\n");
    }

    private static void addRow(ObjectNode row, Table table, List<String> cells) {
        row.put("name", cells.getFirst());
        for (int column = 1; column < Math.min(cells.size(), table.columns().size()); column++) {
            String key = table.columns().get(column);
            String cell = cells.get(column);
            Table.figure(cell).ifPresentOrElse(value -> row.put(key, value), () -> row.put(key, cell));
        }
    }

    private static List<Bar> bars(Table table, int column) {
        return table.rows().stream()
                .map(row ->
                        new Bar(row.getFirst(), Table.figure(row.get(column)).orElseThrow(), isOwn(row.getFirst())))
                .toList();
    }

    private static boolean isOwn(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith("sni-proxy") || lower.startsWith("sockmap") || lower.startsWith("relay");
    }

    private void write() throws IOException {
        Files.writeString(directory.resolve("report.md"), page);
        Files.writeString(
                directory.resolve("report.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tables) + "\n");
    }
}
