package net.sniproxy.app;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** Rows of named values, all with the same names, as a table or as JSON. */
final class Listing {
    private Listing() {}

    static void printJson(PrintWriter out, List<Map<String, Object>> rows) {
        out.println(JsonMapper.shared().writeValueAsString(rows));
        out.flush();
    }

    /** Columns are as wide as their widest value; nothing is printed for no rows. */
    static void printTable(PrintWriter out, List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        List<String> names = List.copyOf(rows.getFirst().keySet());
        List<Integer> widths = names.stream()
                .map(name -> rows.stream()
                        .mapToInt(row -> String.valueOf(row.get(name)).length())
                        .reduce(name.length(), Math::max))
                .toList();
        out.println(line(names, widths));
        for (Map<String, Object> row : rows) {
            out.println(line(
                    names.stream().map(name -> String.valueOf(row.get(name))).toList(), widths));
        }
        out.flush();
    }

    private static String line(List<String> cells, List<Integer> widths) {
        return IntStream.range(0, cells.size())
                .mapToObj(i ->
                        cells.get(i) + " ".repeat(widths.get(i) - cells.get(i).length()))
                .collect(Collectors.joining("  "))
                .stripTrailing();
    }
}
