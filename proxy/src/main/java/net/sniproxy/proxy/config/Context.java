package net.sniproxy.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.sniproxy.proxy.config.ConfigException.Problem;

/** What the sections of one configuration share while it is read: where values came from, and what is wrong so far. */
final class Context {
    /** Enough to see what is going on; a list of a million names may have as many faults. */
    private static final int MOST_PROBLEMS = 100;

    private final Map<String, String> variables;
    private final Consumer<Key> keys;
    private final List<Problem> problems = new ArrayList<>();
    private int omitted;

    /**
     * @param variables the environment variable that set a value, by the path of its key
     * @param keys is told every key that is looked for
     */
    Context(Map<String, String> variables, Consumer<Key> keys) {
        this.variables = variables;
        this.keys = keys;
    }

    /**
     * A key of the configuration.
     *
     * @param path with {@code []} for the elements of a list: {@code routes[].match}
     * @param schema of its value, JSON text
     * @param fallback its default as text, empty where there is none
     */
    record Key(String path, String schema, String fallback) {}

    void key(String path, String schema, String fallback) {
        keys.accept(new Key(path.replaceAll("\\[\\d+]", "[]"), schema, fallback));
    }

    /** Whether the value is the text of an environment variable: it has no JSON type then. */
    boolean fromEnvironment(String path) {
        return variables.containsKey(path);
    }

    void problem(String path, String message) {
        if (problems.size() == MOST_PROBLEMS) {
            omitted++;
            return;
        }
        String variable = variables.get(path);
        problems.add(new Problem(variable == null ? path : path + " (from " + variable + ")", message));
    }

    boolean clean() {
        return problems.isEmpty();
    }

    void throwIfAny() throws ConfigException {
        if (omitted > 0) {
            problems.add(new Problem("", "and " + omitted + " problems more"));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
