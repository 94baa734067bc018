package net.sniproxy.proxy.logging;

/** Makes text from outside safe for one line of a log. Stateless. */
public final class Escape {
    private Escape() {}

    /**
     * The text with everything escaped that could end the line, move a cursor or reorder what is shown: control and
     * format characters, line and paragraph separators and unpaired surrogates become a backslash, {@code u} and four hex
     * digits ({@code \n}, {@code \r} and {@code \t} for the common ones). Escaping twice changes nothing more.
     */
    public static String controls(String text) {
        int first = firstUnsafe(text);
        if (first < 0) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            append(escaped, text, i);
        }
        return escaped.toString();
    }

    private static int firstUnsafe(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (unsafe(text, i)) {
                return i;
            }
        }
        return -1;
    }

    private static void append(StringBuilder escaped, String text, int index) {
        char c = text.charAt(index);
        if (!unsafe(text, index)) {
            escaped.append(c);
            return;
        }
        switch (c) {
            case '\n' -> escaped.append("\\n");
            case '\r' -> escaped.append("\\r");
            case '\t' -> escaped.append("\\t");
            default -> escaped.append("\\u%04x".formatted((int) c));
        }
    }

    private static boolean unsafe(String text, int index) {
        char c = text.charAt(index);
        if (c >= ' ' && c < 0x7f) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SURROGATE -> !paired(text, index);
            default -> false;
        };
    }

    private static boolean paired(String text, int index) {
        char c = text.charAt(index);
        return Character.isHighSurrogate(c)
                ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
    }
}
