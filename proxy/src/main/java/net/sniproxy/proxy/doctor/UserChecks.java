package net.sniproxy.proxy.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.sniproxy.bpf.Capability;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.proxy.user.ServiceUser;

/** Whether a proxy that this process's user starts can become the {@code user} of its configuration. */
final class UserChecks {
    private static final Area AREA = Area.CONFIGURATION;
    private static final String NAME = "user";
    private static final int ROOT = 0;

    private final KernelFacts facts;
    private final String name;
    private final Optional<ServiceUser> user;

    /** @param name as the configuration has it: a name, or UID:GID */
    UserChecks(KernelFacts facts, String name) {
        this.facts = facts;
        this.name = name;
        this.user = find(name);
    }

    /** Empty also where the files of users cannot be read, as a start of the proxy will say. */
    private static Optional<ServiceUser> find(String name) {
        try {
            return ServiceUser.find(name);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The user that the proxy becomes; empty if it stays who this process is, or will not start. */
    Optional<ServiceUser> another() {
        return user.filter(one -> currentUser() == ROOT && !one.isRoot());
    }

    Finding finding() {
        if (user.isEmpty()) {
            return Finding.missing(
                    AREA,
                    NAME,
                    name + " is no user of this machine",
                    "the proxy will not start",
                    ServiceUser.commandThatMakes(name));
        }
        if (user.get().isRoot()) {
            return Finding.missing(AREA, NAME, name + " is root", "name another user, or leave the key out", "");
        }
        if (currentUser() == ROOT) {
            return facts.capabilities()
                    .map(this::change)
                    .orElseGet(() -> Finding.unseen(AREA, NAME, "/proc/self/status cannot be read"));
        }
        return currentUser() == user.get().id()
                ? Finding.ok(AREA, NAME, name + ", as this process")
                : Finding.limited(
                        AREA,
                        NAME,
                        name + " is another user than this one, " + currentUser(),
                        "only root can become another: a proxy started like this stays who it is",
                        "");
    }

    private int currentUser() {
        return facts.effectiveUser().orElse(ROOT);
    }

    /** @param held by root, which in a container may be little */
    private Finding change(Set<Capability> held) {
        Set<Capability> toChange = lacking(EnumSet.of(Capability.CAP_SETUID, Capability.CAP_SETGID), held);
        if (!toChange.isEmpty()) {
            return Finding.missing(
                    AREA, NAME, "root cannot become " + name, "not held: " + list(toChange), containerOption(toChange));
        }
        Set<Capability> lost = lacking(ServiceUser.KEPT, held);
        // Without it the user gets no directory for pins.
        lost.addAll(lacking(EnumSet.of(Capability.CAP_CHOWN), held));
        if (!lost.isEmpty()) {
            return Finding.limited(
                    AREA,
                    NAME,
                    name + ", without " + list(lost),
                    "root does not hold it here, so it cannot be kept or used",
                    containerOption(lost));
        }
        return Finding.ok(AREA, NAME, name + ", keeps " + list(ServiceUser.KEPT));
    }

    private static Set<Capability> lacking(Set<Capability> wanted, Set<Capability> held) {
        Set<Capability> lacking = new TreeSet<>(wanted);
        lacking.removeAll(held);
        return lacking;
    }

    private static String list(Set<Capability> capabilities) {
        List<String> names = new ArrayList<>();
        new TreeSet<>(capabilities).forEach(capability -> names.add(capability.name()));
        return String.join(", ", names);
    }

    /** Only a container or a service takes capabilities away from root. */
    private static String containerOption(Set<Capability> capabilities) {
        return "docker run "
                + capabilities.stream()
                        .map(capability -> "--cap-add " + capability.name().replace("CAP_", ""))
                        .collect(Collectors.joining(" "))
                + " …";
    }
}
