package net.sniproxy.proxy.config;

import java.util.Optional;

/**
 * {@code socks5}: the proxy for {@code socks5_whitelist} and for routes via {@code socks5}.
 *
 * @param addr its host and port
 */
public record Socks5Config(Target.HostPort addr, Optional<Credentials> credentials) {
    /** For RFC 1929; 1 to 255 bytes each. */
    public record Credentials(String username, String password) {
        /** Without the password: this reaches logs. */
        @Override
        public String toString() {
            return username + ":***";
        }
    }
}
