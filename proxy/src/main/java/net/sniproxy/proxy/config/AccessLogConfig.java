package net.sniproxy.proxy.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code access_log}: one line for each connection.
 *
 * @param file empty: standard output
 */
public record AccessLogConfig(Format format, Optional<Path> file) {
    /** The form of a line. */
    public enum Format {
        TEXT,
        JSON
    }
}
