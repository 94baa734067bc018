package net.sniproxy.proxy.hello;

/** Bytes that others chose, in a form that is safe in a log line. */
final class Escape {
    private Escape() {}

    /** Printable ASCII as it is, but for quote and backslash; every other byte as {@code \xNN}. */
    static String bytes(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            character(text, b & 0xff);
        }
        return text.toString();
    }

    /** The same for text; characters beyond Latin-1 as {@code \}{@code uNNNN}. */
    static String text(String from) {
        StringBuilder text = new StringBuilder(from.length());
        from.chars().forEach(c -> character(text, c));
        return text.toString();
    }

    private static void character(StringBuilder text, int c) {
        if (c > 0xff) {
            text.append("\\u%04x".formatted(c));
        } else if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            text.append("\\x%02x".formatted(c));
        } else {
            text.append((char) c);
        }
    }
}
