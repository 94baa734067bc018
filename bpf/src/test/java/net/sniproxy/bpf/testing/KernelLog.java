package net.sniproxy.bpf.testing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The kernel's log as it was at a moment, to tell what came after. */
public final class KernelLog {
    /**
     * What the kernel says of its own faults. Not what it says where memory is short or the disk slow, which another
     * process may have brought about, nor of a page pool whose last page is still in some queue.
     */
    private static final Pattern COMPLAINT = Pattern.compile("WARNING|\\bBUG\\b|Oops|REG INVARIANTS|verifier bug"
            + "|general protection|KASAN|UBSAN|refcount_t|detected stall|soft lockup|unregister_netdevice");

    private final Set<String> before;

    private KernelLog(Set<String> before) {
        this.before = before;
    }

    public static KernelLog now() {
        return new KernelLog(new HashSet<>(lines()));
    }

    /** Warnings, bugs and stalls logged since. */
    public List<String> complaintsSince() {
        return lines().stream()
                .filter(line -> !before.contains(line) && isComplaint(line))
                .toList();
    }

    static boolean isComplaint(String line) {
        return COMPLAINT.matcher(line).find();
    }

    private static List<String> lines() {
        return Commands.run("dmesg").lines().toList();
    }
}
