package net.sniproxy.proxy.doctor;

/**
 * One thing that was looked at.
 *
 * @param name the same on every machine, such as {@code cgroup v2} or {@code splice}; for interfaces their name
 * @param found what there is, in words; empty if nothing was seen
 * @param advice what is missing and what that means; empty if all is well
 * @param command what mends it, to be pasted into a shell; empty if no command does, or nothing is to be mended
 */
public record Finding(Area area, String name, Status status, String found, String advice, String command) {
    static Finding ok(Area area, String name, String found) {
        return new Finding(area, name, Status.OK, found, "", "");
    }

    static Finding limited(Area area, String name, String found, String advice, String command) {
        return new Finding(area, name, Status.LIMITED, found, advice, command);
    }

    static Finding missing(Area area, String name, String found, String advice, String command) {
        return new Finding(area, name, Status.MISSING, found, advice, command);
    }

    static Finding unseen(Area area, String name, String advice) {
        return new Finding(area, name, Status.UNSEEN, "", advice, "");
    }
}
