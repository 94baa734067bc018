package net.sniproxy.proxy.event;

/**
 * A data path did not carry a connection.
 *
 * @param path which one
 * @param label why, in one word of a bounded set: {@code snake_case}, for metrics
 * @param reason why, in words for a log
 */
public record PathDeclined(DataPathKind path, String label, String reason) {
    @Override
    public String toString() {
        return path.label() + ": " + reason;
    }
}
