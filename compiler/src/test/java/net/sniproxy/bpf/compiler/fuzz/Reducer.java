package net.sniproxy.bpf.compiler.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Takes lines out of a failing class as long as it still fails: what is left shows the fault. */
final class Reducer {
    private final Predicate<Programs> fails;

    Reducer(Predicate<Programs> fails) {
        this.fails = fails;
    }

    Programs reduce(Programs failing) {
        List<String> lines = new ArrayList<>(failing.source().lines().toList());
        for (int chunk = Math.max(1, lines.size() / 2); chunk > 0; chunk /= 2) {
            int at = 0;
            while (at + chunk <= lines.size()) {
                List<String> less = without(lines, at, chunk);
                if (stillFails(failing.className(), less)) {
                    lines = less;
                } else {
                    at += Math.max(1, chunk / 2);
                }
            }
        }
        return new Programs(failing.className(), String.join("\n", lines));
    }

    private boolean stillFails(String className, List<String> lines) {
        try {
            return fails.test(new Programs(className, String.join("\n", lines)));
        } catch (AssertionError noLongerJava) {
            return false;
        }
    }

    private static List<String> without(List<String> lines, int from, int count) {
        List<String> less = new ArrayList<>(lines.subList(0, from));
        less.addAll(lines.subList(from + count, lines.size()));
        return less;
    }
}
