package net.sniproxy.proxy.config;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.sniproxy.proxy.config.ConfigException.Problem;

/** Configurations for tests. */
final class Samples {
    private Samples() {}

    static byte[] resource(String name) {
        try (InputStream in = Samples.class.getResourceAsStream("/config/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Config original(String name) throws ConfigException {
        return ConfigLoader.parse(resource("original/" + name + ".json"), Map.of(), _ -> {});
    }

    static Config full() throws ConfigException {
        return ConfigLoader.parse(resource("full.json"), Map.of(), _ -> {});
    }

    /** The least that is needed, and some keys more. */
    static String with(String keys) {
        return "{\"listen_addr\": \"127.0.0.1:0\", \"whitelist\": [\"a.test\"]" + (keys.isEmpty() ? "" : ", " + keys)
                + "}";
    }

    static List<String> problems(String json) {
        return problems(json, Map.of());
    }

    static List<String> problems(String json, Map<String, String> environment) {
        try {
            ConfigLoader.parse(json, environment);
            return List.of();
        } catch (ConfigException e) {
            return new ArrayList<>(e.problems().stream().map(Problem::toString).toList());
        }
    }
}
