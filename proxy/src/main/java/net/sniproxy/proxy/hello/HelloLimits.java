package net.sniproxy.proxy.hello;

/**
 * How much of a ClientHello is looked at before it is refused.
 *
 * @param bytes on the wire, record headers included
 * @param records TLS records; a hello cut into records of one byte takes six times its size, so that a limit below
 *     {@code bytes / 6} refuses what is slow but legal
 */
public record HelloLimits(int bytes, int records) {
    /** {@code limits.hello_bytes} of the configuration's default, and as many records as fit into it. */
    public static final HelloLimits DEFAULT = ofBytes(65_536);

    public HelloLimits {
        if (bytes < 1 || records < 1) {
            throw new IllegalArgumentException("limits must be positive: " + bytes + " bytes, " + records + " records");
        }
    }

    /** As many records as fit into the bytes. */
    public static HelloLimits ofBytes(int bytes) {
        return new HelloLimits(bytes, Math.max(1, bytes / 6));
    }
}
