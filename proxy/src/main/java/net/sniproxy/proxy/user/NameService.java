package net.sniproxy.proxy.user;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Users that are in no file of this machine but in a directory service (LDAP, systemd-homed, …). The program id(1) is asked,
 * for Java has no way to the name services of the C library.
 */
final class NameService {
    private NameService() {}

    /** A user by name; empty if no name service has it, or the program is not there. */
    static Optional<ServiceUser> find(String name) {
        List<Integer> user = ids("-u", name);
        List<Integer> group = ids("-g", name);
        if (user.isEmpty() || group.isEmpty()) {
            return Optional.empty();
        }
        // The user's own group is among all of its groups.
        List<Integer> others = ids("-G", name).stream()
                .filter(id -> !id.equals(group.getFirst()))
                .toList();
        return Optional.of(new ServiceUser(user.getFirst(), group.getFirst(), others));
    }

    private static List<Integer> ids(String option, String name) {
        try {
            Process id = new ProcessBuilder("id", option, "--", name)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out = new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return id.waitFor() == 0
                    ? Stream.of(out.strip().split(" ")).map(Integer::valueOf).toList()
                    : List.of();
        } catch (IOException noProgram) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
