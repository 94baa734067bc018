package net.sniproxy.bpf;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** The capabilities(7) that the toolkit and its users ask for; the kernel has more. Numbers from linux/capability.h. */
public enum Capability {
    /** Give files to others. */
    CAP_CHOWN(0),
    /** Change the group that a process acts as. */
    CAP_SETGID(6),
    /** Change the user that a process acts as. */
    CAP_SETUID(7),
    /** Listen on ports below 1024. */
    CAP_NET_BIND_SERVICE(10),
    /** Attach programs to interfaces and cgroups, repair TCP sockets. */
    CAP_NET_ADMIN(12),
    /** Everything else that is not another capability's; before Linux 5.8 also what the next two are for. */
    CAP_SYS_ADMIN(21),
    /** Load tracing programs, and let programs read pointers. Linux 5.8. */
    CAP_PERFMON(38),
    /** Call bpf(2). Linux 5.8. */
    CAP_BPF(39);

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /** Its bit in the masks of /proc and of capset(2). */
    public int number() {
        return number;
    }

    /** Those of a mask that this enum knows. */
    public static Set<Capability> ofMask(long mask) {
        Set<Capability> all = EnumSet.noneOf(Capability.class);
        Arrays.stream(values())
                .filter(capability -> (mask >>> capability.number & 1) != 0)
                .forEach(all::add);
        return all;
    }

    /** The mask with the bits of these. */
    public static long mask(Set<Capability> capabilities) {
        return capabilities.stream()
                .mapToLong(capability -> 1L << capability.number)
                .reduce(0, (a, b) -> a | b);
    }
}
