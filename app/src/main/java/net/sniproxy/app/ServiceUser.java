package net.sniproxy.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A user of this machine.
 *
 * @param id 0 is root
 * @param group the id of the user's own group
 * @param groups the ids of all other groups that list the user
 */
record ServiceUser(int id, int group, List<Integer> groups) {
    ServiceUser {
        groups = List.copyOf(groups);
    }

    /**
     * Finds a user: in the files, else by the name services of this machine.
     *
     * @param text a name, or UID:GID in numbers, which need not be anywhere
     * @param etc where the files {@code passwd} and {@code group} are
     * @throws CommandFailure if there is no such user, or it is root
     */
    static ServiceUser find(String text, Path etc) {
        if (text.contains(":")) {
            String[] ids = text.split(":");
            return new ServiceUser(Integer.parseInt(ids[0]), Integer.parseInt(ids[1]), List.of());
        }
        ServiceUser user = inFiles(text, etc)
                .or(() -> NameService.find(text))
                .orElseThrow(() -> new CommandFailure("user: there is no user " + text
                        + " on this machine; make one: useradd --system --no-create-home " + text));
        if (user.id() == 0) {
            throw new CommandFailure("user: " + text + " is root; name another user, or leave the key out");
        }
        return user;
    }

    /** name:password:UID:GID:… */
    private static Optional<ServiceUser> inFiles(String name, Path etc) {
        return records(etc.resolve("passwd")).stream()
                .filter(record -> record.length > 3 && record[0].equals(name))
                .findFirst()
                .map(record -> new ServiceUser(
                        Integer.parseInt(record[2]),
                        Integer.parseInt(record[3]),
                        groupsOf(name, etc.resolve("group"))));
    }

    /** name:password:GID:member,member,… */
    private static List<Integer> groupsOf(String user, Path file) {
        return records(file).stream()
                .filter(record ->
                        record.length > 3 && Arrays.asList(record[3].split(",")).contains(user))
                .map(record -> Integer.valueOf(record[2]))
                .toList();
    }

    private static List<String[]> records(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> line.split(":"))
                    .toList();
        } catch (IOException e) {
            throw new CommandFailure("user: cannot read " + file + ": " + e, e);
        }
    }
}
