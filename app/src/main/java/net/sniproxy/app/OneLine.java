package net.sniproxy.app;

import java.util.stream.Collectors;

/** Text that comes from outside, made fit for one line of a terminal. */
final class OneLine {
    private OneLine() {}

    /** The lines of {@code text} joined by {@code "; "}, control characters shown as {@code ?}. */
    static String of(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("; "))
                .replaceAll("\\p{Cntrl}", "?");
    }
}
