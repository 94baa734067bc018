package net.sniproxy.proxy.hello;

import java.util.List;

/** Looks at the first bytes of a connection whose very first one begins no TLS record, to tell which answer helps. */
final class OtherProtocol {
    private static final List<String> METHODS =
            List.of("GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PRI ");

    private final StringBuilder seen = new StringBuilder();

    /** Takes one byte more. Returns while it may still become the method of an HTTP request. */
    void add(byte b) throws RefusedException {
        if (seen.isEmpty() && b < 0) {
            throw new RefusedException(Refusal.SSL_V2, describe(b) + " begins an SSLv2 record or no record at all");
        }
        seen.append((char) (b & 0xff));
        String start = seen.toString();
        if (METHODS.contains(start)) {
            throw new RefusedException(Refusal.HTTP, "an HTTP request (" + start.strip() + ")");
        }
        if (METHODS.stream().noneMatch(method -> method.startsWith(start))) {
            throw new RefusedException(Refusal.NOT_TLS, describe((byte) seen.charAt(0)) + " begins no TLS record");
        }
    }

    private static String describe(byte first) {
        return "first byte 0x%02x".formatted(first & 0xff);
    }
}
