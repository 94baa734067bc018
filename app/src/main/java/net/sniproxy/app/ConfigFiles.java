package net.sniproxy.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;

/**
 * Finds and reads configurations.
 *
 * @param defaults looked at in this order where no file is named
 * @param environment whose {@code SNIPROXY_} variables override keys
 */
record ConfigFiles(List<Path> defaults, Map<String, String> environment) {
    /** The usual places and this process's environment. */
    static ConfigFiles system() {
        return new ConfigFiles(List.of(Path.of("config.json"), Path.of("/etc/sni-proxy/config.json")), System.getenv());
    }

    /** The first default that is there. */
    Path firstDefault() {
        return defaults.stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new CommandFailure("no configuration: neither "
                        + defaults.stream().map(Path::toString).collect(Collectors.joining(" nor "))
                        + " is there; name a file with -c FILE, or try: sni-proxy demo"));
    }

    /** Reads a file; every problem in it is in the failure's message. */
    Config load(Path file) {
        try {
            return ConfigLoader.load(file, environment);
        } catch (ConfigException e) {
            throw new CommandFailure(file + ": " + e.getMessage(), e);
        }
    }
}
