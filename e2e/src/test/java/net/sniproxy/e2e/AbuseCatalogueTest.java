package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.e2e.AbuseCatalogue.NamedTest;
import net.sniproxy.e2e.AbuseCatalogue.Scenario;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Holds docs/abuse.md and the tests to each other. */
class AbuseCatalogueTest {
    private static final int ROWS = 28;

    @Test
    void shouldListEveryScenarioWithItsTestsOrSayThatItHasNone() throws IOException {
        assertThat(AbuseCatalogue.scenarios())
                .allMatch(scenario ->
                        scenario.tests().isEmpty() == scenario.shownBy().contains("not shown yet"))
                .extracting(Scenario::number)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    @Test
    void shouldNameExactlyTheTestsThatClaimTheRow() throws Exception {
        Set<String> listed = new TreeSet<>();
        Set<Class<?>> classes = new HashSet<>();
        for (Scenario scenario : AbuseCatalogue.scenarios()) {
            for (NamedTest test : scenario.tests()) {
                listed.add(scenario.number() + " " + test);
                classes.add(Class.forName(getClass().getPackageName() + "." + test.className()));
            }
        }
        Set<String> claimed = classes.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .flatMap(AbuseCatalogueTest::claim)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).isNotEmpty().isEqualTo(claimed);
    }

    private static Stream<String> claim(Method method) {
        if (!AnnotationSupport.isAnnotated(method, Testable.class) || !method.isAnnotationPresent(DisplayName.class)) {
            return Stream.empty();
        }
        NamedTest named = new NamedTest(method.getDeclaringClass().getSimpleName(), method.getName());
        return AbuseCatalogue.claim(method.getAnnotation(DisplayName.class).value()).stream()
                .map(number -> number + " " + named);
    }
}
