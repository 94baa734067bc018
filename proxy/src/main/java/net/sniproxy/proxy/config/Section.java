package net.sniproxy.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One object of the configuration while it is read. Each key is asked for once, and so becomes known; {@link #end} then
 * reports the keys that nobody asked for. What is wrong is reported and reading goes on, with the default where there is
 * one: the result is thrown away in the end, and the user sees every problem at once. A null counts as absent, as the
 * original's files have it.
 */
final class Section {
    private final Context context;
    private final String path;
    private final JsonNode node;
    private final Set<String> known = new TreeSet<>();

    Section(Context context, String path, JsonNode node) {
        this.context = context;
        this.path = path;
        this.node = node;
    }

    /** A value that need not be there. */
    <T> Optional<T> optional(String key, Type<T> type) {
        context.key(declare(key), type.schema(), "");
        return child(key).flatMap(value -> read(pathOf(key), value, type));
    }

    /** A number that need not be there. */
    OptionalInt optionalInt(String key, int min, int max) {
        return optional(key, Types.integer(min, max)).map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    /**
     * A value with a default.
     *
     * @param fallback as it is written in a configuration
     */
    <T> T get(String key, Type<T> type, String fallback) {
        context.key(declare(key), type.schema(), fallback);
        return child(key)
                .flatMap(value -> read(pathOf(key), value, type))
                .orElseGet(() -> type.text().apply(fallback));
    }

    /** A list; none where the key is absent. */
    <T> List<T> list(String key, Type<T> type) {
        context.key(declare(key), "{\"type\":\"array\",\"items\":" + type.schema() + "}", "");
        return child(key).map(value -> elements(pathOf(key), value, type)).orElse(List.of());
    }

    /** A list that must be there, must not be empty, and may be written without its brackets where it has one element. */
    <T> List<T> oneOrMore(String key, Type<T> type) {
        return oneOrMore(key, type, "").orElseGet(() -> {
            context.problem(pathOf(key), "is missing: wanted " + type.wanted() + ", or a list of them");
            return List.of();
        });
    }

    /** The same with one element as a default. */
    <T> List<T> oneOrMoreElse(String key, Type<T> type, String fallback) {
        return oneOrMore(key, type, fallback)
                .orElseGet(() -> List.of(type.text().apply(fallback)));
    }

    private <T> Optional<List<T>> oneOrMore(String key, Type<T> type, String fallback) {
        String list = "{\"type\":\"array\",\"minItems\":1,\"items\":" + type.schema() + "}";
        context.key(declare(key), "{\"anyOf\":[" + type.schema() + "," + list + "]}", fallback);
        String where = pathOf(key);
        return child(key).map(value -> {
            if (!value.isArray() && !context.fromEnvironment(where)) {
                return read(where, value, type).map(List::of).orElse(List.of());
            }
            if (value.isArray() && value.isEmpty()) {
                context.problem(where, "is empty: wanted at least one " + type.wanted());
            }
            return elements(where, value, type);
        });
    }

    /** A section whose keys all have defaults; an empty one where the key is absent. */
    Section section(String key) {
        return optionalSection(key)
                .orElseGet(() -> new Section(context, pathOf(key), JsonNodeFactory.instance.objectNode()));
    }

    /** A section that means something by being there. */
    Optional<Section> optionalSection(String key) {
        context.key(declare(key), "{\"type\":\"object\"}", "");
        return child(key).flatMap(value -> asSection(pathOf(key), value));
    }

    /** A list of sections. */
    List<Section> sections(String key) {
        context.key(declare(key), "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}", "");
        Optional<JsonNode> value = child(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            wrong(pathOf(key), value.get(), "a list of objects", "");
            return List.of();
        }
        List<Section> sections = new ArrayList<>();
        for (int i = 0; i < value.get().size(); i++) {
            asSection(pathOf(key) + "[" + i + "]", value.get().get(i)).ifPresent(sections::add);
        }
        return sections;
    }

    /** Reports what contradicts something else. */
    void problem(String key, String message) {
        context.problem(pathOf(key), message);
    }

    /** Whether a key is there. */
    boolean has(String key) {
        return child(key).isPresent();
    }

    /** Reports the keys that are left. */
    void end() {
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                context.problem(
                        pathOf(name), "unknown key; the nearest known one is \"" + Nearest.to(name, known) + "\"");
            }
        }
    }

    private String declare(String key) {
        known.add(key);
        return pathOf(key);
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private Optional<JsonNode> child(String key) {
        return Optional.ofNullable(node.get(key)).filter(value -> !value.isNull());
    }

    private Optional<Section> asSection(String where, JsonNode value) {
        if (!value.isObject()) {
            wrong(where, value, "an object", "");
            return Optional.empty();
        }
        return Optional.of(new Section(context, where, value));
    }

    private <T> List<T> elements(String where, JsonNode value, Type<T> type) {
        if (value.isString() && context.fromEnvironment(where)) {
            return Overrides.split(value.stringValue()).stream()
                    .flatMap(text ->
                            attempt(where, value, type, any -> type.text().apply(text)).stream())
                    .toList();
        }
        if (!value.isArray()) {
            wrong(where, value, "a list, each " + type.wanted(), "");
            return List.of();
        }
        List<T> elements = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            String path = where + "[" + i + "]";
            read(path, value.get(i), type).ifPresent(elements::add);
        }
        return elements;
    }

    private <T> Optional<T> read(String where, JsonNode value, Type<T> type) {
        return value.isString() && context.fromEnvironment(where)
                ? attempt(where, value, type, text -> type.text().apply(text.stringValue()))
                : attempt(where, value, type, type.json());
    }

    private <T> Optional<T> attempt(String where, JsonNode value, Type<T> type, Function<JsonNode, T> reader) {
        try {
            return Optional.of(reader.apply(value));
        } catch (IllegalArgumentException e) {
            wrong(where, value, type.wanted(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void wrong(String where, JsonNode value, String wanted, String detail) {
        String found = Found.describe(where, value);
        String reason = detail.isEmpty() || detail.equals("null") ? "" : " (" + detail + ")";
        context.problem(where, "found " + found + ", wanted " + wanted + reason);
    }
}
