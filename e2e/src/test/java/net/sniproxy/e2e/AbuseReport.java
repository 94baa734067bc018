package net.sniproxy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import net.sniproxy.e2e.AbuseCatalogue.Scenario;
import net.sniproxy.e2e.harness.DataPath;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes what each scenario of docs/abuse.md came to on each data path, as a table, to {@code target/abuse.md}. The test
 * platform finds it as a service. A test that was run again counts with its last result; scenarios of which no test was run
 * are left out.
 */
public final class AbuseReport implements TestExecutionListener {
    private static final Path REPORT = Path.of("target/abuse.md");
    private static final String ANY = "any";

    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private Optional<TestPlan> plan = Optional.empty();

    /**
     * How a test ended.
     *
     * @param path the data path as a column of the table, or {@link #ANY} where none is chosen
     * @param attempts how often it was run
     */
    private record Outcome(int scenario, String path, boolean passed, int attempts) {
        Outcome then(Outcome next) {
            return new Outcome(scenario, path, next.passed, attempts + 1);
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = Optional.of(started);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        List<String> names = names(test);
        names.stream()
                .flatMap(name -> AbuseCatalogue.claim(name).stream())
                .findFirst()
                .ifPresent(number -> {
                    boolean passed = result.getStatus() == Status.SUCCESSFUL;
                    // A container passes whatever becomes of its tests: only what keeps it from running them counts.
                    if (test.isTest() || !passed) {
                        Outcome outcome = new Outcome(number, path(names), passed, 1);
                        outcomes.merge(test.getUniqueId(), outcome, Outcome::then);
                    }
                });
    }

    /** Display names from the test up to its class. */
    private List<String> names(TestIdentifier test) {
        List<String> names = new ArrayList<>();
        Optional<TestIdentifier> at = Optional.of(test);
        while (at.isPresent()) {
            names.add(at.get().getDisplayName());
            at = plan.orElseThrow().getParent(at.get());
        }
        return names;
    }

    /** The data path that the test is about: a parameter, or else the subject of the class. */
    private static String path(List<String> names) {
        for (DataPath path : DataPath.values()) {
            if (names.stream().anyMatch(name -> name.contains(path.name()))) {
                return path.label();
            }
        }
        String all = String.join(" ", names).toLowerCase(Locale.ROOT);
        if (all.contains("splice")) {
            return DataPath.SPLICE.label();
        }
        return all.contains("sockmap") ? DataPath.SOCKMAP.label() : ANY;
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        if (outcomes.isEmpty()) {
            return;
        }
        try {
            Files.writeString(REPORT, table(AbuseCatalogue.scenarios(), outcomes.values()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String table(List<Scenario> scenarios, Collection<Outcome> outcomes) {
        StringBuilder table = new StringBuilder("""
                | # | scenario | relay | sockmap | splice | no path of its own |
                |---|---|---|---|---|---|
                """);
        for (Scenario scenario : scenarios) {
            List<Outcome> ofIt = outcomes.stream()
                    .filter(outcome -> outcome.scenario() == scenario.number())
                    .toList();
            if (!ofIt.isEmpty() || scenario.tests().isEmpty()) {
                table.append(row(scenario, ofIt));
            }
        }
        return table.toString();
    }

    private static String row(Scenario scenario, List<Outcome> outcomes) {
        StringBuilder row = new StringBuilder("| %d | %s |".formatted(scenario.number(), scenario.text()));
        for (String path : List.of("relay", "sockmap", "splice")) {
            row.append(" %s |".formatted(cell(outcomes, path)));
        }
        String last = outcomes.isEmpty() ? "not shown yet" : cell(outcomes, ANY);
        return row.append(" %s |%n".formatted(last)).toString();
    }

    private static String cell(Collection<Outcome> all, String path) {
        return cell(all.stream().filter(outcome -> outcome.path().equals(path)).toList());
    }

    private static String cell(List<Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return "";
        }
        long failed = outcomes.stream().filter(outcome -> !outcome.passed()).count();
        long again = outcomes.stream().filter(outcome -> outcome.attempts() > 1).count();
        String text = failed > 0 ? "**%d of %d failed**".formatted(failed, outcomes.size()) : outcomes.size() + " ok";
        return again > 0 ? text + ", " + again + " run again" : text;
    }
}
