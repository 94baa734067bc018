package net.sniproxy.proxy.dns;

import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name servers that this system is configured with (resolv.conf(5)).
 *
 * <p>Where none is configured Netty would ask public servers on the Internet. Whom to tell which names clients want is not the
 * proxy's to decide, so then nobody is asked.
 */
final class SystemNameServers {
    static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    private static final Pattern NAME_SERVER = Pattern.compile("\\s*nameserver\\s+\\S+.*");

    private SystemNameServers() {}

    /** Empty where none is configured. */
    static Optional<DnsServerAddressStreamProvider> find(Path resolvConf) {
        boolean known = PlatformDependent.isWindows() || namesOne(resolvConf);
        return known ? Optional.of(DnsServerAddressStreamProviders.platformDefault()) : Optional.empty();
    }

    private static boolean namesOne(Path resolvConf) {
        try (Stream<String> lines = Files.lines(resolvConf)) {
            return lines.anyMatch(NAME_SERVER.asMatchPredicate());
        } catch (IOException unreadable) {
            return false;
        }
    }
}
