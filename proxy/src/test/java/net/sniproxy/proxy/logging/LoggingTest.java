package net.sniproxy.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import net.sniproxy.proxy.config.LogConfig;
import net.sniproxy.proxy.config.LogConfig.Level;
import net.sniproxy.proxy.config.LogConfig.Output;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static final Logger DIALER = LoggerFactory.getLogger("net.sniproxy.proxy.upstream.Dialer");
    private static final Logger LIBRARY = LoggerFactory.getLogger("io.netty.something.Inside");
    private static final Logger ACCESS = LoggerFactory.getLogger(Logging.ACCESS_LOGGER);

    @TempDir
    Path folder;

    private final PrintStream realOut = System.out;
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @BeforeEach
    void captureConsole() {
        System.setOut(new PrintStream(console, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restoreTestLogging() throws Exception {
        System.setOut(realOut);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        URL configuration = Objects.requireNonNull(getClass().getResource("/logback-test.xml"));
        configurator.doConfigure(configuration);
        context.start();
    }

    @Test
    void shouldWriteOneLineForEachMessageWhateverItHolds() throws IOException {
        Logging.apply(config(Level.INFO, Output.FILE), Optional.empty());
        DIALER.info("name {}", "evil\n2026-01-01 INFO forged\u001b[2J");
        DIALER.warn("failed", new IOException("reset\nby peer"));
        assertThat(written("log.txt"))
                .containsExactly(
                        "INFO  [upstream] name evil\\n2026-01-01 INFO forged\\u001b[2J",
                        "WARN  [upstream] failed: java.io.IOException: reset\\nby peer");
    }

    @Test
    void shouldNotWarnOfHostsWithoutAHardwareAddress() throws Exception {
        Logger addresses = LoggerFactory.getLogger(Class.forName("io.netty.util.internal.MacAddressUtil"));
        Logging.apply(config(Level.INFO, Output.FILE), Optional.empty());
        addresses.warn("none");
        addresses.error("broken");
        LIBRARY.warn("something else");
        assertThat(written("log.txt"))
                .containsExactly("ERROR [MacAddressUtil] broken", "WARN  [Inside] something else");
    }

    @Test
    void shouldShowTimeOnlyIfAskedTo() throws IOException {
        Logging.apply(
                new LogConfig(Level.INFO, Output.FILE, folder.resolve("log.txt"), false, 1, 1, true, false, true),
                Optional.empty());
        DIALER.info("hello");
        assertThat(written("log.txt").getFirst())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d INFO  hello");
    }

    @Test
    void shouldHonourEveryLevel() throws IOException {
        record Case(Level level, int lines) {}
        List<Case> cases = List.of(
                new Case(Level.OFF, 0),
                new Case(Level.ERROR, 1),
                new Case(Level.WARN, 2),
                new Case(Level.INFO, 3),
                new Case(Level.DEBUG, 4),
                new Case(Level.TRACE, 5));
        for (Case each : cases) {
            Files.deleteIfExists(folder.resolve("log.txt"));
            Logging.apply(config(each.level(), Output.FILE), Optional.empty());
            DIALER.error("e");
            DIALER.warn("w");
            DIALER.info("i");
            DIALER.debug("d");
            DIALER.trace("t");
            LIBRARY.info("never shown");
            assertThat(written("log.txt")).as(each.toString()).hasSize(each.lines());
        }
    }

    @Test
    void shouldWriteToConsoleAndFileWithoutColourWhereThereIsNoTerminal() throws IOException {
        Logging.apply(
                new LogConfig(Level.INFO, Output.BOTH, folder.resolve("log.txt"), false, 1, 1, false, false, true),
                Optional.empty());
        DIALER.error("both");
        assertThat(written("log.txt")).containsExactly("ERROR both");
        assertThat(console.toString(StandardCharsets.UTF_8)).isEqualTo("ERROR both\n");
    }

    @Test
    void shouldKeepAsManyBackupsAsConfigured() throws Exception {
        Logging.apply(
                new LogConfig(Level.INFO, Output.FILE, folder.resolve("log.txt"), true, 1, 2, false, false, false),
                Optional.empty());
        String quarter = "x".repeat(256 * 1024);
        for (int i = 0; i < 24; i++) {
            DIALER.info("{} {}", i, quarter);
        }
        Logging.flushAndClose();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("log.txt", "log.txt.1", "log.txt.2");
        }
        assertThat(Files.size(folder.resolve("log.txt.1"))).isBetween(1L << 20, 3L << 19);
        assertThat(Files.readString(folder.resolve("log.txt")))
                .contains(" 23 x")
                .doesNotContain(" 0 x");
    }

    @Test
    void shouldKeepTheAccessLogOutOfTheLogIfItHasAFile() throws IOException {
        Logging.apply(config(Level.ERROR, Output.FILE), Optional.of(folder.resolve("sub/access.log")));
        ACCESS.info("client=192.0.2.1:4711 end=completed");
        assertThat(written("log.txt")).isEmpty();
        assertThat(written("sub/access.log")).containsExactly("client=192.0.2.1:4711 end=completed");
    }

    @Test
    void shouldKeepTheSetUpWhereANewFileCannotBeWritten() throws IOException {
        Logging.apply(config(Level.INFO, Output.FILE), Optional.empty());
        Path notAFolder = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() ->
                        Logging.apply(config(Level.INFO, Output.STDOUT), Optional.of(notAFolder.resolve("access.log"))))
                .isInstanceOf(IOException.class);
        DIALER.info("still here");
        assertThat(written("log.txt")).containsExactly("INFO  [upstream] still here");
    }

    private LogConfig config(Level level, Output output) {
        return new LogConfig(level, output, folder.resolve("log.txt"), false, 1, 1, false, true, false);
    }

    private List<String> written(String file) throws IOException {
        Logging.flushAndClose();
        return Files.readAllLines(folder.resolve(file));
    }
}
