package net.sniproxy.proxy.user;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.Capability;

/**
 * A user of this machine.
 *
 * @param id 0 is root
 * @param group the id of the user's own group
 * @param groups the ids of all other groups that list the user
 */
public record ServiceUser(int id, int group, List<Integer> groups) {
    /** What a proxy that gives up root keeps: what the data paths need. */
    public static final Set<Capability> KEPT = Set.of(
            Capability.CAP_BPF, Capability.CAP_NET_ADMIN, Capability.CAP_PERFMON, Capability.CAP_NET_BIND_SERVICE);

    private static final int ROOT = 0;
    private static final Path ETC = Path.of("/etc");

    public ServiceUser {
        groups = List.copyOf(groups);
    }

    /**
     * Finds a user: in the files, else by the name services of this machine.
     *
     * @param text a name, or UID:GID in numbers, which need not be anywhere
     * @return empty if there is no such user
     * @throws IOException if the files of users cannot be read
     */
    public static Optional<ServiceUser> find(String text) throws IOException {
        return find(text, ETC);
    }

    /** @param etc where the files {@code passwd} and {@code group} are */
    static Optional<ServiceUser> find(String text, Path etc) throws IOException {
        if (text.contains(":")) {
            String[] ids = text.split(":");
            return Optional.of(new ServiceUser(Integer.parseInt(ids[0]), Integer.parseInt(ids[1]), List.of()));
        }
        Optional<ServiceUser> user = inFiles(text, etc);
        return user.isPresent() ? user : NameService.find(text);
    }

    /** What makes a user of this name. */
    public static String commandThatMakes(String name) {
        return "useradd --system --no-create-home " + name;
    }

    /** Whether it has every privilege there is. */
    public boolean isRoot() {
        return id == ROOT;
    }

    /** Whether what a group may do it may do. */
    public boolean isIn(int other) {
        return other == group || groups.contains(other);
    }

    /** name:password:UID:GID:… */
    private static Optional<ServiceUser> inFiles(String name, Path etc) throws IOException {
        List<Integer> groups = groupsOf(name, etc.resolve("group"));
        return records(etc.resolve("passwd")).stream()
                .filter(record -> record.length > 3 && record[0].equals(name))
                .findFirst()
                .map(record -> new ServiceUser(Integer.parseInt(record[2]), Integer.parseInt(record[3]), groups));
    }

    /** name:password:GID:member,member,… */
    private static List<Integer> groupsOf(String user, Path file) throws IOException {
        return records(file).stream()
                .filter(record ->
                        record.length > 3 && Arrays.asList(record[3].split(",")).contains(user))
                .map(record -> Integer.valueOf(record[2]))
                .toList();
    }

    private static List<String[]> records(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(line -> line.split(":")).toList();
    }
}
