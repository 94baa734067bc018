package net.sniproxy.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** What the build wrote down about itself. */
final class BuildInfo {
    private BuildInfo() {}

    /** The version of this build, for example {@code 0.1.0-SNAPSHOT}. */
    static String version() {
        Properties build = new Properties();
        try (InputStream stream = BuildInfo.class.getResourceAsStream("build.properties")) {
            build.load(Objects.requireNonNull(stream, "build.properties is missing from the jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build.getProperty("version", "unknown");
    }

    /** One line: the version, and what it runs on. */
    static String describe() {
        return "sni-proxy %s (Java %s, %s %s, %s)"
                .formatted(
                        version(),
                        System.getProperty("java.version"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"));
    }
}
