package net.sniproxy.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;

/** Finds what to tell a user about an error: the likely cause on this kernel and the way out. */
final class Remedies {
    /** Before this version the memory of maps and programs counted against RLIMIT_MEMLOCK. */
    private static final KernelVersion MEMORY_BY_CGROUP = new KernelVersion(5, 11);

    private final KernelFacts facts;

    Remedies(KernelFacts facts) {
        this.facts = facts;
    }

    String forFailure(BpfCommand command, Errno errno, List<Requirement> needs) {
        List<String> sentences = new ArrayList<>();
        if (errno.equals(Errno.EPERM)) {
            addPermission(command, sentences);
        }
        if (mayMeanMissing(errno)) {
            needs.forEach(need -> addMissing(need, sentences));
        }
        addForCommand(command, errno, sentences);
        addForAnyCommand(command, errno, sentences);
        return String.join(" ", sentences);
    }

    private static boolean mayMeanMissing(Errno errno) {
        return errno.equals(Errno.EINVAL)
                || errno.equals(Errno.EOPNOTSUPP)
                || errno.equals(Errno.ENOTSUPP)
                || errno.equals(Errno.ENOENT)
                || errno.equals(Errno.ENOSYS);
    }

    private void addPermission(BpfCommand command, List<String> sentences) {
        if (reachesEverything(command)) {
            sentences.add("Run as root, or with CAP_SYS_ADMIN: CAP_BPF is not enough to reach what others made.");
        } else if (isFiltered()) {
            sentences.add(
                    "This process has CAP_BPF, but a seccomp filter is in force, and not all let bpf(2) pass: give the"
                            + " container another profile (--security-opt seccomp=FILE, or unconfined).");
        } else {
            sentences.add("Run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.");
            facts.unprivilegedBpfDisabled()
                    .filter(value -> !value.equals("0"))
                    .ifPresent(value -> sentences.add("Without these bpf(2) is closed: "
                            + "/proc/sys/kernel/unprivileged_bpf_disabled is " + value + "."));
        }
        facts.lockdown()
                .filter(mode -> !mode.equals("none"))
                .ifPresent(mode -> sentences.add("The kernel is locked down (" + mode
                        + "): /sys/kernel/security/lockdown; root is restricted too."));
        addMemoryLimit(sentences);
    }

    private boolean isFiltered() {
        return facts.hasSeccompFilter()
                && facts.capabilities()
                        .filter(held -> held.contains(Capability.CAP_BPF))
                        .isPresent();
    }

    /** Whether it goes by ids, which are the whole machine's, or changes what is the whole machine's. */
    private static boolean reachesEverything(BpfCommand command) {
        return switch (command) {
            case BPF_PROG_GET_NEXT_ID,
                    BPF_MAP_GET_NEXT_ID,
                    BPF_LINK_GET_NEXT_ID,
                    BPF_PROG_GET_FD_BY_ID,
                    BPF_MAP_GET_FD_BY_ID,
                    BPF_LINK_GET_FD_BY_ID,
                    BPF_ENABLE_STATS -> true;
            default -> false;
        };
    }

    private void addMemoryLimit(List<String> sentences) {
        boolean countsMemory = facts.version()
                .filter(version -> !version.atLeast(MEMORY_BY_CGROUP))
                .isPresent();
        Optional<String> limit = facts.lockedMemoryLimit().filter(value -> !value.equals("unlimited"));
        if (countsMemory && limit.isPresent()) {
            sentences.add("Before Linux " + MEMORY_BY_CGROUP + " maps count as locked memory, and the limit is "
                    + limit.get() + " bytes: raise it with ulimit -l unlimited or LimitMEMLOCK=infinity.");
        }
    }

    private void addMissing(Requirement need, List<String> sentences) {
        facts.version()
                .filter(version -> !version.atLeast(need.since()))
                .ifPresent(version -> sentences.add("The kernel has no " + need.feature() + ": it is " + version
                        + ", which " + need.since() + " added."));
        for (String option : need.options()) {
            facts.option(option)
                    .filter("n"::equals)
                    .ifPresent(off -> sentences.add(
                            "The kernel was built without " + option + ", which " + need.feature() + " needs."));
        }
    }

    private static void addForCommand(BpfCommand command, Errno errno, List<String> sentences) {
        switch (command) {
            case BPF_MAP_UPDATE_ELEM, BPF_MAP_UPDATE_BATCH -> addForUpdate(errno, sentences);
            case BPF_OBJ_PIN -> addForPin(errno, sentences);
            case BPF_PROG_LOAD -> {
                if (errno.equals(Errno.E2BIG)) {
                    sentences.add("The program is too large: the verifier walks at most 1,000,000 instructions.");
                }
            }
            case BPF_MAP_CREATE -> {
                if (errno.equals(Errno.E2BIG)) {
                    sentences.add("Key, value or number of entries is too large for this type of map.");
                }
            }
            case BPF_LINK_CREATE -> {
                if (errno.equals(Errno.EBUSY) || errno.equals(Errno.EEXIST)) {
                    sentences.add("Another program is attached there: detach it first, or replace it.");
                }
            }
            default -> {}
        }
    }

    private static void addForUpdate(Errno errno, List<String> sentences) {
        if (errno.equals(Errno.E2BIG)) {
            sentences.add("The map is full: make it with more entries.");
        } else if (errno.equals(Errno.EEXIST)) {
            sentences.add("The key is in the map already.");
        } else if (errno.equals(Errno.ENOENT)) {
            sentences.add("The key is not in the map.");
        } else if (errno.equals(Errno.ENOSPC)) {
            sentences.add("The map is full: make it with more entries.");
        }
    }

    private static void addForPin(Errno errno, List<String> sentences) {
        if (errno.equals(Errno.EEXIST)) {
            sentences.add("Something is pinned at this path: remove it, or open it instead.");
        } else if (errno.equals(Errno.EPERM) || errno.equals(Errno.EINVAL)) {
            sentences.add("Pins live in the BPF file system only: mount -t bpf bpf /sys/fs/bpf.");
        } else if (errno.equals(Errno.ENOENT)) {
            sentences.add("The directory of the path does not exist.");
        }
    }

    private static void addForAnyCommand(BpfCommand command, Errno errno, List<String> sentences) {
        if (errno.equals(Errno.ENOSYS)) {
            sentences.add("This kernel has no bpf(2) (CONFIG_BPF_SYSCALL), or a seccomp filter hides it.");
        } else if (errno.equals(Errno.EMFILE)) {
            sentences.add("Raise the limit of open files (ulimit -n).");
        } else if (errno.equals(Errno.ENOMEM)) {
            sentences.add("The kernel has not enough memory for it, or the memory limit of the cgroup is reached.");
        } else if (errno.equals(Errno.EACCES) && command != BpfCommand.BPF_PROG_LOAD) {
            sentences.add("Access was refused: the map or pin is read-only, or a security module forbids it.");
        }
    }
}
