package net.sniproxy.app;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import net.sniproxy.proxy.config.AccessLogConfig;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.IoFailure;
import net.sniproxy.proxy.logging.Logging;

/** The files that the log and the access log go to. */
final class LogFiles {
    private LogFiles() {}

    /**
     * Logs as configured from now on.
     *
     * @throws CommandFailure if a file cannot be written; the log goes on as before
     */
    static void use(Config config) {
        try {
            Logging.apply(config.log(), config.accessLog().flatMap(AccessLogConfig::file));
        } catch (IOException e) {
            throw new CommandFailure(
                    "a log file cannot be written: " + reason(e)
                            + "; change log.file_path or access_log.file, or its folder",
                    e);
        }
    }

    /** The file, and in words why. */
    private static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException e -> e.getFile() + " is not there";
            case AccessDeniedException e -> e.getFile() + ": " + IoFailure.denied();
            case FileAlreadyExistsException e -> e.getFile() + " is no folder";
            default -> String.valueOf(failure.getMessage());
        };
    }
}
