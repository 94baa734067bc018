package net.sniproxy.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The scenarios of docs/abuse.md, and how a test claims one: its display name begins with {@code NUMBER:}. */
final class AbuseCatalogue {
    private static final Path PAGE = Path.of("../docs/abuse.md");
    private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\| ([^|]*) \\|.*\\|([^|]*)\\|$");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    private static final Pattern NUMBER = Pattern.compile("^(\\d+): ");

    private AbuseCatalogue() {}

    /**
     * A row of the page.
     *
     * @param shownBy its last column
     */
    record Scenario(int number, String text, String shownBy) {
        /** The tests that are named. */
        List<NamedTest> tests() {
            return TEST.matcher(shownBy)
                    .results()
                    .map(test -> new NamedTest(test.group(1), test.group(2)))
                    .toList();
        }
    }

    /** A method of a class of this package. */
    record NamedTest(String className, String method) {
        @Override
        public String toString() {
            return className + "." + method;
        }
    }

    /** In the order of the page. */
    static List<Scenario> scenarios() throws IOException {
        try (Stream<String> lines = Files.lines(PAGE)) {
            return lines.map(ROW::matcher)
                    .filter(Matcher::matches)
                    .map(row -> new Scenario(Integer.parseInt(row.group(1)), row.group(2), row.group(3)))
                    .toList();
        }
    }

    /** The number of the scenario that a test with this display name shows. */
    static Optional<Integer> claim(String displayName) {
        Matcher number = NUMBER.matcher(displayName);
        return number.find() ? Optional.of(Integer.valueOf(number.group(1))) : Optional.empty();
    }
}
