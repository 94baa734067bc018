package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sniproxy.proxy.config.ConfigLoader;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds docs/configuration.md to the JSON Schema, which another test holds to the code. */
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("../docs/configuration.md");
    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| (.*?) \\|", Pattern.MULTILINE);

    @Test
    void shouldExplainEveryKeyAndNoOther() throws IOException {
        assertThat(documented().keySet()).isEqualTo(keys().keySet()).hasSizeGreaterThan(60);
    }

    @Test
    void shouldStateTheDefaults() throws IOException {
        Map<String, String> documented = documented();
        keys().forEach((key, schema) -> {
            if (schema.has("default")) {
                JsonNode value = schema.get("default");
                String text = value.isString() ? value.stringValue() : value.toString();
                assertThat(documented.get(key)).as(key).contains(text);
            }
        });
    }

    /** Type and default by key. */
    private static Map<String, String> documented() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            rows.put(row.group(1), row.group(2));
        }
        return rows;
    }

    /** The schema of each key that has a value of its own. */
    private static Map<String, JsonNode> keys() throws IOException {
        Map<String, JsonNode> keys = new TreeMap<>();
        try (InputStream schema = ConfigLoader.class.getResourceAsStream("config.schema.json")) {
            assertThat(schema).isNotNull();
            collect("", JsonMapper.shared().readTree(schema), keys);
        }
        keys.remove("$schema");
        return keys;
    }

    private static void collect(String prefix, JsonNode object, Map<String, JsonNode> keys) {
        object.get("properties").properties().forEach(property -> {
            String key = prefix + property.getKey();
            JsonNode value = property.getValue().get("anyOf").get(0);
            if (value.has("properties")) {
                collect(key + ".", value, keys);
            } else if (value.path("items").has("properties")) {
                collect(key + "[].", value.get("items"), keys);
            } else {
                keys.put(key, property.getValue());
            }
        });
    }
}
