package net.sniproxy.app.top;

import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A column of a table.
 *
 * @param width characters; longer values are cut
 * @param right whether values stand at the right
 * @param value of a row
 */
record Column(String title, int width, boolean right, Function<JsonNode, String> value) {
    static Column text(String title, int width, String member) {
        return new Column(title, width, false, row -> row.path(member).asString("-"));
    }

    static Column number(String title, int width, Function<JsonNode, String> value) {
        return new Column(title, width, true, value);
    }

    static Column open() {
        return number("OPEN", 8, row -> row.path("open").asString(""));
    }

    static Column all() {
        return number("ALL", 10, row -> row.path("connections").asString(""));
    }

    static Column bytes(String title, String member) {
        return number(title, 9, row -> Figures.bytes(row.path(member).asDouble()));
    }

    /** A value as wide as the column. What clients chose must not command the terminal. */
    String cell(String text) {
        String safe = text.replaceAll("\\p{Cntrl}", "?");
        String cut = safe.length() > width ? safe.substring(0, width - 1) + "…" : safe;
        String space = " ".repeat(width - cut.length());
        return right ? space + cut : cut + space;
    }
}
