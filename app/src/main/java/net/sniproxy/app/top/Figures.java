package net.sniproxy.app.top;

import java.util.Locale;

/** Numbers for people. */
final class Figures {
    private static final String UNITS = "kMGTPE";
    private static final double STEP = 1000;
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Figures() {}

    /** Three or four digits and a decimal unit: {@code 999}, {@code 1.20k}, {@code 34.5M}. */
    static String bytes(double bytes) {
        double value = bytes;
        int unit = -1;
        while (value >= STEP - 0.5 && unit < UNITS.length() - 1) {
            value /= STEP;
            unit++;
        }
        if (unit < 0) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        String format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, value) + UNITS.charAt(unit);
    }

    /** The two largest units: {@code 42s}, {@code 3m10s}, {@code 2h05m}, {@code 8d04h}. */
    static String age(long seconds) {
        if (seconds < MINUTE) {
            return seconds + "s";
        }
        if (seconds < HOUR) {
            return pair(seconds, MINUTE, 'm', 1, 's');
        }
        return seconds < DAY ? pair(seconds, HOUR, 'h', MINUTE, 'm') : pair(seconds, DAY, 'd', HOUR, 'h');
    }

    private static String pair(long seconds, long large, char largeName, long small, char smallName) {
        return String.format(Locale.ROOT, "%d%c%02d%c", seconds / large, largeName, seconds % large / small, smallName);
    }
}
