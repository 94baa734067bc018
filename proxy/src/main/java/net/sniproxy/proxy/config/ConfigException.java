package net.sniproxy.proxy.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /**
     * One thing that is wrong.
     *
     * @param where the path of the key ({@code routes[2].upstream}), or the position in a file that is no JSON
     * @param message what was found and what is wanted, one sentence
     */
    public record Problem(String where, String message) {
        @Override
        public String toString() {
            return where.isEmpty() ? message : where + ": " + message;
        }
    }

    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one, in the order of the keys. */
    public List<Problem> problems() {
        return problems;
    }
}
