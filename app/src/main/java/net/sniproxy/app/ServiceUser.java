package net.sniproxy.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A user of this machine.
 *
 * @param id never 0
 * @param group the id of the user's own group
 * @param groups the ids of all other groups that list the user
 */
record ServiceUser(int id, int group, List<Integer> groups) {
    ServiceUser {
        groups = List.copyOf(groups);
    }

    /**
     * Finds a user.
     *
     * @param text a name, or UID:GID in numbers, which need not be in any file
     * @param etc where the files {@code passwd} and {@code group} are
     * @throws CommandFailure if there is no such user, or it is root
     */
    static ServiceUser find(String text, Path etc) {
        if (text.contains(":")) {
            String[] ids = text.split(":");
            return new ServiceUser(Integer.parseInt(ids[0]), Integer.parseInt(ids[1]), List.of());
        }
        // name:password:UID:GID:…
        String[] fields = records(etc.resolve("passwd")).stream()
                .filter(record -> record.length > 3 && record[0].equals(text))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("user: there is no user " + text + " in " + etc.resolve("passwd")
                        + "; make one: useradd --system --no-create-home " + text));
        int id = Integer.parseInt(fields[2]);
        if (id == 0) {
            throw new CommandFailure("user: " + text + " is root; name another user, or leave the key out");
        }
        return new ServiceUser(id, Integer.parseInt(fields[3]), groupsOf(text, etc.resolve("group")));
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
