package net.sniproxy.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An SVG of horizontal bars in groups; a group has one scale. Not thread-safe. */
public final class BarChart {
    private static final int LINE = 22;
    private static final int LONGEST = 420;
    private static final int LEFT = 280;
    private static final String OWN_COLOUR = "#1a7f37";
    private static final String OTHER_COLOUR = "#8c959f";

    /**
     * A bar.
     *
     * @param own whether it is drawn in the colour of what is measured, not of what it is compared with
     */
    public record Bar(String name, double value, boolean own) {}

    private record Group(String title, List<Bar> bars) {}

    private final List<Group> groups = new ArrayList<>();

    /** Adds a group below those there are. */
    public BarChart group(String title, List<Bar> bars) {
        groups.add(new Group(title, List.copyOf(bars)));
        return this;
    }

    /** The whole file. */
    public String svg() {
        StringBuilder body = new StringBuilder();
        int line = 0;
        for (Group group : groups) {
            line++;
            body.append(String.format(
                    Locale.ROOT,
                    "<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>%n",
                    line * LINE,
                    escape(group.title())));
            double longest = group.bars().stream().mapToDouble(Bar::value).max().orElse(1);
            for (Bar bar : group.bars()) {
                line++;
                body.append(bar(bar, line * LINE, longest));
            }
            line++;
        }
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"13\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%s</svg>%n",
                LEFT + LONGEST + 100,
                line * LINE,
                body);
    }

    private static String bar(Bar bar, int y, double longest) {
        int length = longest > 0 ? (int) (Math.max(0, bar.value()) / longest * LONGEST) : 0;
        return String.format(
                Locale.ROOT,
                "<text x=\"10\" y=\"%1$d\">%2$s</text><rect x=\"%3$d\" y=\"%4$d\" width=\"%5$d\" height=\"14\""
                        + " fill=\"%6$s\"/><text x=\"%7$d\" y=\"%1$d\">%8$s</text>%n",
                y,
                escape(bar.name()),
                LEFT,
                y - 12,
                length,
                bar.own() ? OWN_COLOUR : OTHER_COLOUR,
                LEFT + length + 6,
                number(bar.value()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%,.0f", value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
