package net.sniproxy.proxy.event;

/**
 * Is told of every event of every connection.
 *
 * <p>Called on the connection's event loop, for different connections on different threads at the same time: it must not
 * block. An exception that it throws is logged and does not disturb the connection.
 */
@FunctionalInterface
public interface ConnectionObserver {
    /** One event; events of one connection come in order and on one thread. */
    void on(ConnectionEvent event);
}
