package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Holds docs/abuse.md and the tests to each other. */
class AbuseCatalogueTest {
    private static final Path CATALOGUE = Path.of("../docs/abuse.md");
    private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\|.*\\|([^|]*)\\|$");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    private static final Pattern NUMBER = Pattern.compile("^(\\d+): ");
    private static final int ROWS = 27;

    /** Row number → text of its last column. */
    private static Map<Integer, String> rows() throws IOException {
        return Files.readAllLines(CATALOGUE).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(
                        row -> Integer.valueOf(row.group(1)), row -> row.group(2), (a, b) -> a + b, TreeMap::new));
    }

    private static Stream<MatchResult> tests(String column) {
        return TEST.matcher(column).results();
    }

    @Test
    void shouldListEveryScenarioWithItsTestsOrSayThatItHasNone() throws IOException {
        Map<Integer, String> rows = rows();
        assertThat(rows.keySet())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
        assertThat(rows.values())
                .allMatch(column -> tests(column).findAny().isPresent() != column.contains("not shown yet"));
    }

    @Test
    void shouldNameExactlyTheTestsThatClaimTheRow() throws Exception {
        Set<String> listed = new TreeSet<>();
        Set<Class<?>> classes = new HashSet<>();
        for (Map.Entry<Integer, String> row : rows().entrySet()) {
            for (MatchResult test : tests(row.getValue()).toList()) {
                listed.add(row.getKey() + " " + test.group(1) + "." + test.group(2));
                classes.add(Class.forName(getClass().getPackageName() + "." + test.group(1)));
            }
        }
        Set<String> claimed = classes.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .flatMap(AbuseCatalogueTest::claim)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).isNotEmpty().isEqualTo(claimed);
    }

    private static Stream<String> claim(Method method) {
        boolean test = method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
        if (!test || !method.isAnnotationPresent(DisplayName.class)) {
            return Stream.empty();
        }
        Matcher number = NUMBER.matcher(method.getAnnotation(DisplayName.class).value());
        return number.find()
                ? Stream.of(number.group(1) + " " + method.getDeclaringClass().getSimpleName() + "." + method.getName())
                : Stream.empty();
    }
}
