package net.sniproxy.proxy.filter;

/** The answer to a new connection. */
public sealed interface Admission {
    /** Let in: the permit is closed when the connection ends. */
    record Admitted(Permit permit) implements Admission {}

    /** Turned away, and counted nowhere. */
    record Denied(Reason reason) implements Admission {}

    /** Why a connection is turned away. */
    enum Reason {
        NOT_ALLOWED("source not in ip_whitelist"),
        TOO_MANY_CONNECTIONS("max_connections reached"),
        TOO_MANY_FROM_SOURCE("limits.connections_per_ip reached"),
        TOO_FAST_FROM_SOURCE("limits.connections_per_second_per_ip reached");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** For the log: names the key of the configuration. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** The place a connection takes up. Closing it a second time does nothing. Thread-safe. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }
}
