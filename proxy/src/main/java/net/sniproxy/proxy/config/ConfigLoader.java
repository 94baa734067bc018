package net.sniproxy.proxy.config;

import java.nio.file.Path;
import java.util.Map;

/** Reads configurations. Stateless. */
public final class ConfigLoader {
    private ConfigLoader() {}

    /**
     * Reads a file, with the overrides of an environment ({@code SNIPROXY_A__B} for {@code a.b}).
     *
     * @param environment such as {@link System#getenv()}
     * @throws ConfigException with every problem there is; its message has one line for each
     */
    public static Config load(Path file, Map<String, String> environment) throws ConfigException {
        throw new UnsupportedOperationException("not there yet");
    }

    /**
     * Reads a text, without overrides; paths of secrets in it are relative to the working directory.
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
        throw new UnsupportedOperationException("not there yet");
    }
}
