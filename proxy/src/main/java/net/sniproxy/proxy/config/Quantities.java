package net.sniproxy.proxy.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes: a whole number and a unit. */
final class Quantities {
    static final String SIZE_PATTERN = "^[0-9]{1,9}[KMG]?$";
    static final String DURATION_PATTERN = "^[0-9]{1,9}(ms|s|m|h|d)$";

    private static final Pattern SIZE = Pattern.compile(SIZE_PATTERN);
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    private Quantities() {}

    /** {@code 65536}, {@code 64K}, {@code 4M}, {@code 1G}, in bytes. */
    static long size(String text) {
        if (!SIZE.matcher(text).matches()) {
            throw new IllegalArgumentException();
        }
        int shift = switch (text.charAt(text.length() - 1)) {
            case 'K' -> 10;
            case 'M' -> 20;
            case 'G' -> 30;
            default -> 0;
        };
        return Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)) << shift;
    }

    /** {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 2d}. */
    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException();
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }
}
