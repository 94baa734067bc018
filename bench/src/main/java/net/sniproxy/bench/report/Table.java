package net.sniproxy.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table of Markdown.
 *
 * @param columns what stands above; the first column names the rows
 * @param rows as many cells each as there are columns
 */
record Table(List<String> columns, List<List<String>> rows) {
    private static final Pattern RULE = Pattern.compile("\\|[-|: ]+\\|");
    private static final Pattern NUMBER = Pattern.compile("^\\**(-?[0-9][0-9,]*(?:\\.[0-9]+)?)");

    /** Every table of a page, in its order. */
    static List<Table> of(String markdown) {
        List<Table> tables = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).startsWith("|") && RULE.matcher(lines.get(i + 1)).matches()) {
                List<List<String>> rows = lines.stream()
                        .skip(i + 2L)
                        .takeWhile(line -> line.startsWith("|"))
                        .map(Table::cells)
                        .toList();
                tables.add(new Table(cells(lines.get(i)), rows));
            }
        }
        return tables;
    }

    private static List<String> cells(String line) {
        String inside = line.strip().replaceAll("^\\||\\|$", "");
        return Pattern.compile("\\|").splitAsStream(inside).map(String::strip).toList();
    }

    /** The figure that a cell begins with: {@code 17.6} of {@code 17.6 / 35.8}; empty where there is none. */
    static OptionalDouble figure(String cell) {
        Matcher number = NUMBER.matcher(cell);
        return number.find()
                ? OptionalDouble.of(Double.parseDouble(number.group(1).replace(",", "")))
                : OptionalDouble.empty();
    }

    /** Whether each row has a figure in this column. */
    boolean isFigures(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .allMatch(row ->
                                row.size() > column && figure(row.get(column)).isPresent());
    }
}
