package net.sniproxy.app.top;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * Which rows are shown, and in which order.
 *
 * @param rows the list that is shown
 * @param sort by what, the largest first
 * @param filter what is typed: rows without it are not shown
 */
public record View(Rows rows, Sort sort, String filter) {
    /** Connections by rate. */
    public static final View FIRST = new View(Rows.CONNECTIONS, Sort.RATE, "");

    /** A list of the answer, with its columns from left to right. */
    public enum Rows {
        CONNECTIONS(
                "live",
                Column.text("CLIENT", 22, "client"),
                Column.text("NAME", 28, "name"),
                Column.text("UPSTREAM", 22, "upstream"),
                Column.text("PATH", 8, "path"),
                Column.number(
                        "AGE", 7, row -> Figures.age(row.path("age_seconds").asLong()))),
        NAMES("names", Column.text("NAME", 48, "name"), Column.open(), Column.all()),
        CLIENTS("clients", Column.text("CLIENT", 40, "client"), Column.open(), Column.all()),
        ROUTES("routes", Column.text("ROUTE", 48, "route"), Column.open(), Column.all());

        private final String list;
        private final List<Column> columns;

        Rows(String list, Column... columns) {
            this.list = list;
            this.columns = List.of(columns);
        }

        String list() {
            return list;
        }

        List<Column> columns() {
            return columns;
        }

        /** As keys and the screen name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What rows are ordered by. */
    public enum Sort {
        RATE(row -> row.path("up_per_second").asDouble()
                + row.path("down_per_second").asDouble()),
        BYTES(row -> row.path("bytes_up").asDouble() + row.path("bytes_down").asDouble()),
        /** Open connections; the age of a connection. */
        OPEN(row -> row.path("open").asDouble(row.path("age_seconds").asDouble()));

        private final ToDoubleFunction<JsonNode> key;

        Sort(ToDoubleFunction<JsonNode> key) {
            this.key = key;
        }

        Comparator<JsonNode> largestFirst() {
            return Comparator.comparingDouble(key).reversed();
        }

        /** As keys and the screen name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        Sort next() {
            return values()[(ordinal() + 1) % values().length];
        }
    }

    View showing(Rows other) {
        return new View(other, sort, filter);
    }

    View sortedBy(Sort other) {
        return new View(rows, other, filter);
    }

    View filteredBy(String other) {
        return new View(rows, sort, other);
    }
}
