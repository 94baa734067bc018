package net.sniproxy.proxy.config;

import tools.jackson.databind.JsonNode;

/** What a value looks like in a message. */
final class Found {
    private static final int LONGEST = 80;

    private Found() {}

    /** A short text without line breaks; a password is not shown. */
    static String describe(String path, JsonNode value) {
        if (value.isArray()) {
            return "a list";
        }
        if (value.isObject()) {
            return "an object";
        }
        if (path.endsWith("password")) {
            return "something else";
        }
        String text = value.toString();
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> shown.appendCodePoint(isShown(c) ? c : '?'));
        return text.codePointCount(0, text.length()) > LONGEST ? shown + "\u2026" : shown.toString();
    }

    /** Not what could move a cursor or reorder the message. */
    private static boolean isShown(int c) {
        return Character.isDefined(c) && !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
    }
}
