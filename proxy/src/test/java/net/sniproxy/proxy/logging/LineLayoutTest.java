package net.sniproxy.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.io.IOException;
import java.util.List;
import net.sniproxy.proxy.logging.LineLayout.LineParts;
import org.junit.jupiter.api.Test;

class LineLayoutTest {
    @Test
    void shouldColourTheLevelAndNothingElse() {
        record Case(Level level, String line) {}
        LineLayout layout = new LineLayout(new LineParts(false, false, true), false);
        for (Case each : List.of(
                new Case(Level.ERROR, "\u001b[31mERROR\u001b[0m text\n"),
                new Case(Level.WARN, "\u001b[33mWARN\u001b[0m  text\n"),
                new Case(Level.INFO, "\u001b[32mINFO\u001b[0m  text\n"),
                new Case(Level.DEBUG, "\u001b[36mDEBUG\u001b[0m text\n"))) {
            assertThat(layout.doLayout(event("net.sniproxy.app.Server", each.level(), "text")))
                    .isEqualTo(each.line());
        }
    }

    @Test
    void shouldNameThePackageThatAMessageComesFrom() {
        assertThat(LineLayout.module("net.sniproxy.proxy.upstream.Dial")).isEqualTo("upstream");
        assertThat(LineLayout.module("net.sniproxy.proxy.datapath.relay.Relay")).isEqualTo("datapath");
        assertThat(LineLayout.module("net.sniproxy.proxy.SniProxy")).isEqualTo("proxy");
        assertThat(LineLayout.module("net.sniproxy.app.Server")).isEqualTo("app");
        assertThat(LineLayout.module(Logging.ACCESS_LOGGER)).isEqualTo("access");
        assertThat(LineLayout.module("io.netty.util.Recycler")).isEqualTo("Recycler");
    }

    @Test
    void shouldShowStackTracesOnlyIfAsked() {
        LoggingEvent event = event("net.sniproxy.app.Server", Level.WARN, "failed");
        event.setThrowableProxy(new ThrowableProxy(new IOException("gone\naway")));
        LineParts parts = new LineParts(false, false, false);
        assertThat(new LineLayout(parts, false).doLayout(event))
                .isEqualTo("WARN  failed: java.io.IOException: gone\\naway\n");
        assertThat(new LineLayout(parts, true).doLayout(event)).contains("\n\tat net.sniproxy.proxy.logging.");
    }

    private static LoggingEvent event(String logger, Level level, String text) {
        LoggingEvent event = new LoggingEvent();
        event.setLoggerName(logger);
        event.setLevel(level);
        event.setMessage(text);
        event.setTimeStamp(0);
        return event;
    }
}
