package net.sniproxy.proxy.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import net.sniproxy.proxy.config.ConfigException.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts the variables {@code SNIPROXY_A__B} of an environment over the keys {@code a.b} of a configuration. Elements of
 * lists have their index as a key ({@code SNIPROXY_ROUTES__0__MATCH}), one index behind the last appends. A whole list is
 * written with commas, or in JSON; an object is written in JSON. The empty text removes a key.
 */
final class Overrides {
    private static final String PREFIX = "SNIPROXY_";
    /**
     * Not for the configuration: the launcher's own variable, and those that Kubernetes and Docker links set in every
     * container beside a service called "sniproxy".
     */
    private static final Pattern FOREIGN =
            Pattern.compile("SNIPROXY_(JAVA_OPTS|SERVICE_(HOST|PORT.*)|PORT|PORT_\\d+_.*|NAME|ENV_.*)");

    /** An object or a list, but no IPv6 address in brackets. */
    private static final Pattern JSON = Pattern.compile("\\s*(\\{|\\[\\s*[\"{\\]])");

    private static final Pattern INDEX = Pattern.compile("\\d{1,6}");

    private final JsonMapper mapper;
    private final ObjectNode root;
    private final Map<String, String> variables = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();

    Overrides(JsonMapper mapper, ObjectNode root) {
        this.mapper = mapper;
        this.root = root;
    }

    /** Changes the configuration. Variables are applied in the order of their names, numbers by value. */
    void apply(Map<String, String> environment) throws ConfigException {
        environment.keySet().stream()
                .filter(name ->
                        name.startsWith(PREFIX) && !FOREIGN.matcher(name).matches())
                .sorted((a, b) -> compare(a.split("__"), b.split("__")))
                .forEach(name -> apply(name, String.valueOf(environment.get(name))));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** The variable that set a value as text, by the path of its key. */
    Map<String, String> variables() {
        return variables;
    }

    /** The elements of a list that is written with commas. */
    static List<String> split(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    private void apply(String variable, String value) {
        String[] keys =
                variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).split("__", -1);
        JsonNode node = root;
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < keys.length; i++) {
            boolean last = i == keys.length - 1;
            if (node instanceof ArrayNode list && INDEX.matcher(keys[i]).matches()) {
                int index = Integer.parseInt(keys[i]);
                path.append('[').append(index).append(']');
                if (index > list.size()) {
                    problems.add(new Problem(variable, path + " would leave a gap: the list has " + list.size()));
                    return;
                }
                if (last) {
                    set(list, index, path.toString(), variable, value);
                    return;
                }
                node = index < list.size() ? list.get(index) : list.addObject();
            } else if (node instanceof ObjectNode object) {
                path.append(path.isEmpty() ? "" : ".").append(keys[i]);
                if (last) {
                    set(object, keys[i], path.toString(), variable, value);
                    return;
                }
                node = inside(object, keys[i], INDEX.matcher(keys[i + 1]).matches());
            } else {
                problems.add(new Problem(variable, path + " has no keys of its own"));
                return;
            }
        }
    }

    private static JsonNode inside(ObjectNode object, String key, boolean list) {
        JsonNode present = object.get(key);
        if (present != null && !present.isNull()) {
            return present;
        }
        return list ? object.putArray(key) : object.putObject(key);
    }

    private void set(ObjectNode object, String key, String path, String variable, String value) {
        if (value.isEmpty()) {
            object.remove(key);
        } else {
            object.set(key, value(path, variable, value));
        }
    }

    private void set(ArrayNode list, int index, String path, String variable, String value) {
        JsonNode node = value(path, variable, value);
        if (index < list.size()) {
            list.set(index, node);
        } else {
            list.add(node);
        }
    }

    private JsonNode value(String path, String variable, String text) {
        if (JSON.matcher(text).lookingAt()) {
            try {
                return mapper.readTree(text);
            } catch (JacksonException e) {
                problems.add(new Problem(variable, "is no JSON: " + e.getOriginalMessage()));
            }
        }
        variables.put(path, variable);
        return root.stringNode(text);
    }

    private static int compare(String[] a, String[] b) {
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            boolean numbers =
                    INDEX.matcher(a[i]).matches() && INDEX.matcher(b[i]).matches();
            int order =
                    numbers ? Integer.compare(Integer.parseInt(a[i]), Integer.parseInt(b[i])) : a[i].compareTo(b[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.length, b.length);
    }
}
