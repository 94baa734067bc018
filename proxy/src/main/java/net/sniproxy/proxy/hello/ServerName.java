package net.sniproxy.proxy.hello;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * DNS host names as RFC 6066 section 3 allows them in a ClientHello: ASCII (names of other scripts as A-labels), no
 * trailing dot, no IP address literal. Two things are practice rather than RFC 1123, because names in use depend on them:
 * {@code _} counts as a letter, and labels may begin and end with {@code -}.
 */
public final class ServerName {
    /** The longest name in its text form: RFC 1035's 255 octets without the length of the first label and the root. */
    public static final int MAX_LENGTH = 253;

    private static final int MAX_LABEL = 63;

    private ServerName() {}

    /**
     * The canonical form of a name: lower case.
     *
     * @throws IllegalArgumentException for what is no host name; the message says why, with the name escaped
     */
    public static String canonical(String name) {
        fault(name).ifPresent(fault -> {
            throw new IllegalArgumentException("name \"" + Escape.text(name) + "\" " + fault);
        });
        return name.toLowerCase(Locale.ROOT);
    }

    static String canonical(byte[] bytes) throws RefusedException {
        String name = new String(bytes, StandardCharsets.ISO_8859_1);
        Optional<String> fault = fault(name);
        if (fault.isPresent()) {
            throw new RefusedException(Refusal.BAD_NAME, "name \"" + Escape.bytes(bytes) + "\" " + fault.get());
        }
        return name.toLowerCase(Locale.ROOT);
    }

    /** What keeps a text from being a host name. */
    private static Optional<String> fault(String name) {
        if (name.isEmpty()) {
            return Optional.of("is empty");
        }
        if (name.length() > MAX_LENGTH) {
            return Optional.of("has " + name.length() + " characters, more than " + MAX_LENGTH);
        }
        if (name.indexOf(':') >= 0) {
            return Optional.of("is an IP address literal or has a port");
        }
        if (name.endsWith(".")) {
            return Optional.of("ends with a dot");
        }
        int labelStart = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i < name.length() && name.charAt(i) != '.') {
                if (!allowed(name.charAt(i))) {
                    return Optional.of("has " + describe(name.charAt(i)) + " at " + i);
                }
            } else if (i == labelStart) {
                return Optional.of("has an empty label");
            } else if (i - labelStart > MAX_LABEL) {
                return Optional.of("has a label of " + (i - labelStart) + " characters, more than " + MAX_LABEL);
            } else {
                labelStart = i + 1;
            }
        }
        return endsInNumber(name) ? Optional.of("is an IP address literal") : Optional.empty();
    }

    private static boolean allowed(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    private static String describe(char c) {
        if (c == 0) {
            return "a NUL";
        }
        return c > 0x7e ? "a character that is not ASCII" : "\"" + Escape.text(String.valueOf(c)) + "\"";
    }

    /**
     * Whether resolvers may take the name for an IPv4 address: its last label is a number, in decimal or hexadecimal. No
     * top-level domain is.
     */
    private static boolean endsInNumber(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (last.regionMatches(true, 0, "0x", 0, 2)) {
            return last.chars().skip(2).allMatch(c -> Character.digit(c, 16) >= 0);
        }
        return last.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
