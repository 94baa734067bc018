package net.sniproxy.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import net.sniproxy.proxy.config.Context.Key;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds config.schema.json to what the code reads, key by key. */
class ConfigSchemaTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private static final Map<String, Key> CODE = new TreeMap<>();
    private static final Map<String, JsonNode> SCHEMA = new TreeMap<>();

    @BeforeAll
    static void collectKeys() throws Exception {
        ConfigLoader.parse(Samples.resource("full.json"), Map.of(), key -> CODE.put(key.path(), key));
        try (var in = ConfigLoader.class.getResourceAsStream("config.schema.json")) {
            collect("", MAPPER.readTree(in));
        }
    }

    private static void collect(String path, JsonNode object) {
        assertThat(object.get("additionalProperties").booleanValue())
                .as("additionalProperties of \"%s\"", path)
                .isFalse();
        object.get("properties").properties().forEach(property -> {
            String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
            SCHEMA.put(key, property.getValue());
            JsonNode value = property.getValue().get("anyOf").get(0);
            if (value.has("properties")) {
                collect(key, value);
            } else if (value.path("items").has("properties")) {
                collect(key + "[]", value.get("items"));
            }
        });
    }

    @Test
    void shouldHaveTheKeysOfTheCodeAndNoOthers() {
        assertThat(SCHEMA.keySet()).isEqualTo(CODE.keySet()).hasSizeGreaterThan(80);
    }

    @Test
    void shouldDescribeTheValuesAsTheCodeReadsThem() {
        SCHEMA.forEach((path, property) -> {
            JsonNode wanted = MAPPER.readTree(CODE.get(path).schema());
            JsonNode described = property.get("anyOf").get(0);
            if (wanted.path("type").asString("").equals("object")) {
                assertThat(described.get("type")).as(path).isEqualTo(wanted.get("type"));
            } else if (described.path("items").has("properties")) {
                assertThat(wanted.get("items").get("type").stringValue())
                        .as(path)
                        .isEqualTo("object");
            } else {
                assertThat(described).as(path).isEqualTo(wanted);
            }
            assertThat(property.get("anyOf").get(1).get("type").stringValue())
                    .as(path)
                    .isEqualTo("null");
        });
    }

    @Test
    void shouldHaveTheDefaultsOfTheCode() {
        SCHEMA.forEach((path, property) -> {
            JsonNode fallback = property.get("default");
            String text = fallback == null ? "" : fallback.isString() ? fallback.stringValue() : fallback.toString();
            assertThat(text).as(path).isEqualTo(CODE.get(path).fallback());
        });
    }

    @Test
    void shouldSayWhatEachKeyIsFor() {
        SCHEMA.forEach((path, property) ->
                assertThat(property.get("description").stringValue()).as(path).endsWith("."));
    }

    @Test
    void shouldBeCoveredByTheFullSample() {
        List<String> set = new ArrayList<>();
        paths("", MAPPER.readTree(Samples.resource("full.json")), set);
        TreeSet<String> notSet = new TreeSet<>(SCHEMA.keySet());
        set.forEach(notSet::remove);

        // The one stands instead of "password", the other is for editors.
        assertThat(notSet).containsExactlyInAnyOrder("socks5.password_file", "$schema");
    }

    private static void paths(String path, JsonNode object, List<String> into) {
        object.properties().forEach(property -> {
            String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
            into.add(key);
            JsonNode value = property.getValue();
            if (value.isObject()) {
                paths(key, value, into);
            } else if (value.isArray()) {
                value.forEach(element -> paths(key + "[]", element, into));
            }
        });
    }
}
