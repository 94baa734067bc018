package net.sniproxy.proxy.config;

import java.nio.file.Path;

/**
 * {@code log}: the proxy's own log.
 *
 * @param filePath used where {@code output} is {@code file} or {@code both}
 * @param maxSizeMb a file that gets larger is rotated, if {@code enableRotation}
 * @param maxBackups how many rotated files stay
 */
public record LogConfig(
        Level level,
        Output output,
        Path filePath,
        boolean enableRotation,
        long maxSizeMb,
        int maxBackups,
        boolean showTimestamp,
        boolean showModule,
        boolean useColor) {
    /** Least important messages that are written. */
    public enum Level {
        OFF,
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** Where messages go. */
    public enum Output {
        STDOUT,
        FILE,
        BOTH
    }
}
