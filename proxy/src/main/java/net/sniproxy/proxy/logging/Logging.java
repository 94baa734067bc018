package net.sniproxy.proxy.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.TriggeringPolicyBase;
import ch.qos.logback.core.util.FileSize;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.LogConfig;
import net.sniproxy.proxy.config.LogConfig.Output;
import net.sniproxy.proxy.logging.LineLayout.LineParts;
import org.slf4j.LoggerFactory;

/**
 * Sets up the process's one Logback context. All methods are for one thread at a time; messages may be logged from any
 * thread meanwhile.
 */
public final class Logging {
    /** Messages of the access log have this logger. */
    public static final String ACCESS_LOGGER = "net.sniproxy.access";

    private static final String PROJECT_LOGGER = "net.sniproxy";
    /** Warns where no interface has a hardware address, as in a container without a network; random bytes do as well. */
    private static final String HARDWARE_ADDRESSES = "io.netty.util.internal.MacAddressUtil";

    /** Enough for a burst of some tens of thousands of connections a second while a disk is busy. */
    private static final int QUEUED_EVENTS = 65_536;

    private final LoggerContext context;
    private final LogConfig log;

    private Logging(LoggerContext context, LogConfig log) {
        this.context = context;
        this.log = log;
    }

    /** Only warnings and errors, on standard error: for commands that are no server, and until a configuration is read. */
    public static void warningsOnly() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget("System.err");
        start(context, console, new LineLayout(new LineParts(false, false, false), false));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        context.getLogger(HARDWARE_ADDRESSES).setLevel(Level.ERROR);
        root.addAppender(console);
    }

    /**
     * Logs as configured from now on; what was set up before is flushed and closed. The access log is one of the log's
     * messages unless it has a file of its own, which is rotated like the log's.
     *
     * @throws IOException where a log file cannot be written; the set-up before stays
     */
    public static void apply(LogConfig log, Optional<Path> accessLogFile) throws IOException {
        if (log.output() != Output.STDOUT) {
            requireWritable(log.filePath());
        }
        if (accessLogFile.isPresent()) {
            requireWritable(accessLogFile.get());
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        // Logback refuses to open a file twice, so the old set-up goes first.
        context.reset();
        context.start();
        Logging logging = new Logging(context, log);
        logging.attachLog();
        accessLogFile.ifPresent(logging::attachAccessLog);
    }

    /** How many lines were lost because they came faster than they could be written, since the process began. */
    public static long linesLost() {
        return LineQueue.lost();
    }

    /** Writes what is queued and closes every file. Nothing is logged afterwards. */
    public static void flushAndClose() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static void requireWritable(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                .close();
    }

    private void attachLog() {
        List<OutputStreamAppender<ILoggingEvent>> targets = new ArrayList<>();
        if (log.output() != Output.FILE) {
            ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
            start(context, console, layout(log.useColor() && onTerminal()));
            targets.add(console);
        }
        if (log.output() != Output.STDOUT) {
            targets.add(file(log.filePath(), layout(false)));
        }
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        // Libraries speak up only when something is wrong, whatever the level of the proxy's own messages.
        root.setLevel(level().isGreaterOrEqual(Level.WARN) ? level() : Level.WARN);
        context.getLogger(PROJECT_LOGGER).setLevel(level());
        context.getLogger(HARDWARE_ADDRESSES).setLevel(level().isGreaterOrEqual(Level.ERROR) ? level() : Level.ERROR);
        for (OutputStreamAppender<ILoggingEvent> target : targets) {
            root.addAppender(queued(target));
        }
    }

    /** Colours would be rubbish in a file or in the journal. */
    private static boolean onTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void attachAccessLog(Path path) {
        Logger access = context.getLogger(ACCESS_LOGGER);
        // A file of its own was asked for, so it is written whatever the level of the log.
        access.setLevel(Level.INFO);
        access.setAdditive(false);
        access.addAppender(queued(file(path, new MessageOnlyLayout())));
    }

    private Level level() {
        return switch (log.level()) {
            case OFF -> Level.OFF;
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }

    private LineLayout layout(boolean color) {
        boolean stackTraces = Level.DEBUG.isGreaterOrEqual(level());
        return new LineLayout(new LineParts(log.showTimestamp(), log.showModule(), color), stackTraces);
    }

    private FileAppender<ILoggingEvent> file(Path path, LayoutBase<ILoggingEvent> layout) {
        if (!log.enableRotation()) {
            FileAppender<ILoggingEvent> plain = new FileAppender<>();
            plain.setFile(path.toString());
            start(context, plain, layout);
            return plain;
        }
        RollingFileAppender<ILoggingEvent> rolling = new RollingFileAppender<>();
        rolling.setFile(path.toString());
        NumberedBackups backups = new NumberedBackups(path, log.maxBackups());
        backups.setContext(context);
        backups.setParent(rolling);
        backups.start();
        rolling.setRollingPolicy(backups);
        SizeLimit size = new SizeLimit(log.maxSizeMb() * FileSize.MB_COEFFICIENT);
        size.setContext(context);
        size.start();
        rolling.setTriggeringPolicy(size);
        start(context, rolling, layout);
        return rolling;
    }

    private LineQueue queued(OutputStreamAppender<ILoggingEvent> target) {
        target.setImmediateFlush(false);
        LineQueue queue = new LineQueue(QUEUED_EVENTS, target);
        queue.setContext(context);
        queue.start();
        return queue;
    }

    private static void start(
            LoggerContext context, OutputStreamAppender<ILoggingEvent> appender, LayoutBase<ILoggingEvent> layout) {
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
    }

    /** For lines that are complete in themselves. */
    private static final class MessageOnlyLayout extends LayoutBase<ILoggingEvent> {
        @Override
        public String doLayout(ILoggingEvent event) {
            return Escape.controls(event.getFormattedMessage()) + '\n';
        }
    }

    /**
     * Asks for the size before each message. (Logback's own policy looks at most every few seconds, which a burst outruns.)
     */
    private static final class SizeLimit extends TriggeringPolicyBase<ILoggingEvent> {
        private final long bytes;

        SizeLimit(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public boolean isTriggeringEvent(File active, ILoggingEvent event) {
            return active.length() >= bytes;
        }
    }
}
