package net.sniproxy.proxy.config;

import java.net.IDN;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.hello.ServerName;

/** Host names as people write them in a configuration. */
final class HostName {
    /**
     * Characters that IDNA 2003, which the JDK has, maps to something else, while browsers keep them: the A-label would be
     * another name's.
     */
    private static final String DEVIATIONS = "\u00df\u03c2\u200c\u200d";

    private HostName() {}

    /**
     * A name in canonical form, other scripts as A-labels.
     *
     * @throws IllegalArgumentException with a message that says what is wrong with it
     */
    static String name(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return ServerName.canonical(text);
        }
        if (text.chars().anyMatch(c -> DEVIATIONS.indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has a character with two encodings: write its A-label (xn--\u2026)");
        }
        try {
            return ServerName.canonical(IDN.toASCII(text, IDN.ALLOW_UNASSIGNED));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" has no A-label (" + e.getMessage() + ")", e);
        }
    }

    /** A name, or an IP address literal as it is. */
    static String nameOrAddress(String text) {
        if (text.indexOf(':') >= 0 || text.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9')) {
            return Cidr.address(text).getHostAddress();
        }
        return name(text);
    }
}
