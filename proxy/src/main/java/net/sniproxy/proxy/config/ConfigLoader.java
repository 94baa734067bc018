package net.sniproxy.proxy.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.sniproxy.proxy.config.ConfigException.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads configurations. Stateless. */
public final class ConfigLoader {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ConfigLoader() {}

    /**
     * Reads a file, with the overrides of an environment ({@code SNIPROXY_A__B} for {@code a.b}). Relative paths in it are
     * relative to the working directory, as the original has them.
     *
     * @param environment such as {@link System#getenv()}
     * @throws ConfigException with every problem there is; its message has one line for each
     */
    public static Config load(Path file, Map<String, String> environment) throws ConfigException {
        try {
            return parse(Files.readAllBytes(file), environment, _ -> {});
        } catch (IOException e) {
            throw new ConfigException(List.of(new Problem("", "cannot be read (" + IoFailure.describe(e) + ")")));
        }
    }

    /**
     * Reads a text, without overrides.
     *
     * @throws ConfigException with every problem there is
     */
    public static Config parse(String json) throws ConfigException {
        return parse(json, Map.of());
    }

    /**
     * Reads a text, with the overrides of an environment.
     *
     * @throws ConfigException with every problem there is
     */
    public static Config parse(String json, Map<String, String> environment) throws ConfigException {
        return parse(json.getBytes(StandardCharsets.UTF_8), environment, _ -> {});
    }

    /**
     * Does the same, and tells which keys were looked for.
     *
     * @param keys for the test that holds the schema to the code
     */
    static Config parse(byte[] json, Map<String, String> environment, Consumer<Context.Key> keys)
            throws ConfigException {
        ObjectNode root = object(json);
        Overrides overrides = new Overrides(MAPPER, root);
        overrides.apply(environment);
        Context context = new Context(overrides.variables(), keys);
        Config config = ConfigReader.read(new Section(context, "", root));
        if (context.clean()) {
            ConfigChecks.run(config, context);
        }
        context.throwIfAny();
        return config;
    }

    private static ObjectNode object(byte[] json) throws ConfigException {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new ConfigException(List.of(new Problem(position(e), malformed(e))));
        }
        if (root instanceof ObjectNode object) {
            return object;
        }
        String found = root.isMissingNode() ? "nothing" : Found.describe("", root);
        throw new ConfigException(List.of(new Problem("", "found " + found + ", wanted a JSON object")));
    }

    /** Empty for what is over a limit of the parser. */
    private static String position(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        return location == null ? "" : "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** The parser's message without what it says of its own settings. */
    private static String malformed(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage()).replaceAll("\\s*\\R\\s*", " ");
        String hint = message.startsWith("Unrecognized token") ? " (a configuration is one JSON object, not YAML)" : "";
        return "no valid JSON: " + message.replaceFirst(" \\((start marker at|not recognized as one since) .*", "")
                + hint;
    }
}
