package net.sniproxy.app.bench;

import java.util.Locale;

/**
 * What one way from the client to the back end did.
 *
 * @param median round trip of 100 bytes each way, microseconds
 * @param rare the same, 99th percentile
 * @param gigabits bulk to the client, Gbit/s
 * @param connections new connections a second, one after the other in {@link LoadClient#PARALLEL} threads
 */
public record Figures(double median, double rare, double gigabits, double connections) {
    /** As one line between processes. */
    public String line() {
        return String.format(Locale.ROOT, "%f %f %f %f", median, rare, gigabits, connections);
    }

    /** The inverse of {@link #line}. */
    static Figures parse(String line) {
        String[] words = line.split(" ");
        if (words.length != 4) {
            throw new IllegalArgumentException("not four figures: " + line);
        }
        return new Figures(
                Double.parseDouble(words[0]),
                Double.parseDouble(words[1]),
                Double.parseDouble(words[2]),
                Double.parseDouble(words[3]));
    }
}
