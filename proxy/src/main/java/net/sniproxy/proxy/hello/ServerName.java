package net.sniproxy.proxy.hello;

import java.util.Locale;

/** DNS host names as RFC 6066 section 3 allows them in a ClientHello, and as the configuration compares them. */
public final class ServerName {
    /** The longest name in its text form: RFC 1035's 255 octets without the length of the first label and the root. */
    public static final int MAX_LENGTH = 253;

    private ServerName() {}

    /**
     * The canonical form of a name: lower case.
     *
     * @throws IllegalArgumentException for what is no host name; the message says why, with the name escaped
     */
    public static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
