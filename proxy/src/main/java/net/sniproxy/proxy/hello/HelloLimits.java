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

    /** No ClientHello is shorter. */
    public static final int MIN_BYTES = 50;

    public HelloLimits {
        if (bytes < MIN_BYTES || records < 1) {
            throw new IllegalArgumentException("no hello fits into " + bytes + " bytes in " + records + " records");
        }
    }

    /** As many records as fit into the bytes. */
    public static HelloLimits ofBytes(int bytes) {
        return new HelloLimits(bytes, bytes / 6);
    }
}
