package net.sniproxy.proxy.stats;

import net.sniproxy.proxy.config.AccessLogConfig;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.logging.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each connection, when it ends. Thread-safe. */
public final class AccessLog implements ConnectionObserver {
    private static final Logger LOG = LoggerFactory.getLogger(Logging.ACCESS_LOGGER);

    private final AccessLogConfig.Format format;

    /** Lines of this form; where they go is settled by {@link Logging}. */
    public AccessLog(AccessLogConfig.Format format) {
        this.format = format;
    }

    @Override
    public void on(ConnectionEvent event) {
        if (event instanceof Closed closed && LOG.isInfoEnabled()) {
            LOG.info("{}", line(closed));
        }
    }

    private String line(Closed closed) {
        AccessRecord access = AccessRecord.of(closed);
        return switch (format) {
            case TEXT -> access.text();
            case JSON -> access.json();
        };
    }
}
