package net.sniproxy.app.demo;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sniproxy.app.demo.DemoClient.Outcome;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.DataPathKind;

/** What the demo's requests came to, a row for each. */
public final class DemoReport {
    private static final List<String> HEADER = List.of(
            "name", "back end", "TLS", "ALPN", "status", "data path", "bytes up", "bytes down", "ms", "as expected");
    private static final int FIRST_NUMBER = 6;
    private static final int LAST_NUMBER = 8;

    private final List<Row> rows;

    /**
     * One request.
     *
     * @param end what the proxy said at the end of the connection; empty if that did not come
     */
    record Row(String name, Outcome outcome, Optional<Closed> end, boolean asExpected) {}

    DemoReport(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** Whether every request came out as it has to. */
    public boolean allAsExpected() {
        return rows.stream().allMatch(Row::asExpected);
    }

    /** A table with aligned columns, the header first. */
    public String table() {
        List<List<String>> cells = IntStream.rangeClosed(0, rows.size())
                .mapToObj(i -> i == 0 ? HEADER : cells(rows.get(i - 1)))
                .toList();
        int[] widths = IntStream.range(0, HEADER.size())
                .map(column -> cells.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return cells.stream().map(row -> line(row, widths)).collect(Collectors.joining());
    }

    private static List<String> cells(Row row) {
        String path = row.end().flatMap(Closed::path).map(DataPathKind::label).orElse("-");
        String up = row.end().map(end -> Long.toString(end.bytesUp())).orElse("?");
        String down = row.end().map(end -> Long.toString(end.bytesDown())).orElse("?");
        String expected = row.asExpected() ? "yes" : "NO";
        return switch (row.outcome()) {
            case Outcome.Answer answer ->
                List.of(
                        row.name(),
                        answer.backEnd(),
                        answer.tls(),
                        answer.alpn(),
                        Integer.toString(answer.status()),
                        path,
                        up,
                        down,
                        Long.toString(answer.took().toMillis()),
                        expected);
            case Outcome.Failure failure ->
                List.of(row.name(), "-", "-", "-", failure.reason(), path, up, down, "-", expected);
        };
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            boolean number = i >= FIRST_NUMBER && i <= LAST_NUMBER;
            String cell = row.get(i);
            int padding = widths[i] - cell.length();
            line.repeat(' ', number ? padding : 0).append(cell).repeat(' ', number ? 2 : padding + 2);
        }
        return line.toString().stripTrailing() + "\n";
    }
}
