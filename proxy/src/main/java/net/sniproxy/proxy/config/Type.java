package net.sniproxy.proxy.config;

import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * One kind of value: how it is written in JSON and in an environment variable, and how it is read.
 *
 * @param wanted what a value has to be, to go behind "wanted"
 * @param schema the same as a JSON Schema, JSON text
 * @param json reads a value; throws IllegalArgumentException, with an empty message where {@code wanted} says it all
 * @param text reads the text of an environment variable, or of a default
 */
record Type<T>(String wanted, String schema, Function<JsonNode, T> json, Function<String, T> text) {
    /** A kind that is a string in JSON too. */
    static <T> Type<T> ofText(String wanted, String schema, Function<String, T> text) {
        return new Type<>(wanted, schema, node -> text.apply(string(node)), text);
    }

    private static String string(JsonNode node) {
        if (!node.isString()) {
            throw new IllegalArgumentException();
        }
        return node.stringValue();
    }
}
