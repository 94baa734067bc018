package net.sniproxy.proxy.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * One event, one line: {@code 2026-01-31T12:00:00.000+01:00 INFO  [upstream] text}. Control characters in the text are
 * escaped. An exception is added as its type and message; its stack trace follows on lines of its own only where the
 * logger is open for debug messages.
 *
 * <p>Thread-safe.
 */
final class LineLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx").withZone(ZoneId.systemDefault());
    private static final String BASE = "net.sniproxy.";
    private static final String RESET = "\u001b[0m";

    private final LineParts parts;
    private final boolean stackTraces;

    /** Which optional parts a line has. */
    record LineParts(boolean timestamp, boolean module, boolean color) {}

    LineLayout(LineParts parts, boolean stackTraces) {
        this.parts = parts;
        this.stackTraces = stackTraces;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        if (parts.timestamp()) {
            TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
            line.append(' ');
        }
        appendLevel(line, event.getLevel());
        if (parts.module()) {
            line.append('[').append(module(event.getLoggerName())).append("] ");
        }
        line.append(Escape.controls(event.getFormattedMessage()));
        appendThrowable(line, event.getThrowableProxy());
        return line.append('\n').toString();
    }

    private void appendLevel(StringBuilder line, Level level) {
        String name = level.toString();
        if (parts.color()) {
            line.append(color(level)).append(name).append(RESET);
        } else {
            line.append(name);
        }
        line.repeat(' ', 6 - name.length());
    }

    private static String color(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> "\u001b[31m";
            case Level.WARN_INT -> "\u001b[33m";
            case Level.INFO_INT -> "\u001b[32m";
            default -> "\u001b[36m";
        };
    }

    private void appendThrowable(StringBuilder line, @Nullable IThrowableProxy thrown) {
        if (thrown == null) {
            return;
        }
        line.append(": ").append(thrown.getClassName());
        if (thrown.getMessage() != null) {
            line.append(": ").append(Escape.controls(thrown.getMessage()));
        }
        if (stackTraces) {
            line.append('\n').append(ThrowableProxyUtil.asString(thrown).stripTrailing());
        }
    }

    /** The package of this project that the message comes from, the logger's last name part for any other. */
    static String module(String logger) {
        if (!logger.startsWith(BASE)) {
            return logger.substring(logger.lastIndexOf('.') + 1);
        }
        String[] names = logger.substring(BASE.length()).split("\\.");
        return names.length > 2 ? names[1] : names[0];
    }
}
