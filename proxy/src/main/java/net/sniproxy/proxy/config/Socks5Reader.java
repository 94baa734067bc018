package net.sniproxy.proxy.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import net.sniproxy.proxy.config.Socks5Config.Credentials;

/** Reads {@code socks5}, whose password may stand in a file of its own. */
final class Socks5Reader {
    private static final int MAX_CREDENTIAL = 255;

    private Socks5Reader() {}

    static Optional<Socks5Config> read(Section s) {
        Optional<Target.HostPort> addr = s.optional("addr", Types.HOST_PORT);
        if (!s.has("addr")) {
            s.problem("addr", "is missing: wanted " + Types.HOST_PORT.wanted());
        }
        Optional<String> username = s.optional("username", Types.CREDENTIAL);
        Optional<String> password = s.optional("password", Types.CREDENTIAL);
        Optional<Path> passwordFile = s.optional("password_file", Types.PATH);
        s.end();
        if (s.has("password") && s.has("password_file")) {
            s.problem("password_file", "stands beside password: wanted one of them");
        }
        boolean withPassword = s.has("password") || s.has("password_file");
        if (s.has("username") && !withPassword) {
            s.problem("password", "is missing: username needs password or password_file");
        }
        if (withPassword && !s.has("username")) {
            s.problem("username", "is missing: a password needs it");
        }
        Optional<String> secret = password.or(() -> passwordFile.flatMap(file -> secret(s, file)));
        Optional<Credentials> credentials = username.flatMap(user -> secret.map(word -> new Credentials(user, word)));
        return addr.map(address -> new Socks5Config(address, credentials));
    }

    private static Optional<String> secret(Section s, Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
            int length = text.getBytes(StandardCharsets.UTF_8).length;
            if (length >= 1 && length <= MAX_CREDENTIAL) {
                return Optional.of(text);
            }
            s.problem("password_file", file + " holds " + length + " bytes, wanted 1 to " + MAX_CREDENTIAL);
        } catch (IOException e) {
            s.problem("password_file", file + " cannot be read (" + IoFailure.describe(e) + ")");
        }
        return Optional.empty();
    }
}
