package net.sniproxy.proxy.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.bpf.KernelVersion;

/** What the kernel says of itself in files: its version, how it was built, and how it is set up. */
final class SystemChecks {
    private static final KernelVersion SOCKMAP = new KernelVersion(4, 14);
    private static final KernelVersion RECOMMENDED = new KernelVersion(5, 10);
    /** Before this version the memory of maps and programs counted against RLIMIT_MEMLOCK. */
    private static final KernelVersion MEMORY_BY_CGROUP = new KernelVersion(5, 11);

    private static final String NEWER_KERNEL = "apt install linux-image-$(dpkg --print-architecture)";

    private static final List<BuildOption> BUILD_OPTIONS = List.of(
            new BuildOption("CONFIG_BPF", "everything in the kernel"),
            new BuildOption("CONFIG_BPF_SYSCALL", "everything in the kernel"),
            new BuildOption("CONFIG_BPF_JIT", "programs at full speed"),
            new BuildOption("CONFIG_CGROUP_BPF", "sockmap"),
            new BuildOption("CONFIG_BPF_STREAM_PARSER", "sockmap"),
            new BuildOption("CONFIG_NET_CLS_ACT", "splice"),
            new BuildOption("CONFIG_DEBUG_INFO_BTF", "sockmap"));

    private final KernelFacts facts;

    private record BuildOption(String name, String neededFor) {}

    SystemChecks(KernelFacts facts) {
        this.facts = facts;
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        findings.add(kernel());
        findings.addAll(buildOptions());
        findings.add(compilation());
        findings.add(types());
        findings.add(unprivilegedUse());
        findings.add(lockdown());
        findings.add(lockedMemory());
        return findings;
    }

    /** Where a proxy pins and which cgroup it takes whose configuration names no others. */
    List<Finding> usualPlaces() {
        Places places = new Places(facts, Area.SYSTEM);
        Path usual = BpfFileSystem.USUAL_PLACE;
        return List.of(
                places.pins(usual.toString(), usual.resolve("sni-proxy")),
                places.cgroup("cgroup v2", Optional.empty()));
    }

    private Finding kernel() {
        Optional<KernelVersion> version = facts.version();
        if (version.isEmpty()) {
            return unseen("kernel", "/proc/sys/kernel/osrelease cannot be read");
        }
        String release = facts.release().orElseThrow();
        if (!version.get().atLeast(SOCKMAP)) {
            return missing("kernel", release, "no data path in the kernel works before Linux " + SOCKMAP, NEWER_KERNEL);
        }
        return version.get().atLeast(RECOMMENDED)
                ? ok("kernel", release)
                : limited("kernel", release, "Linux " + RECOMMENDED + " or later is recommended", NEWER_KERNEL);
    }

    private List<Finding> buildOptions() {
        if (facts.option("CONFIG_BPF").isEmpty()) {
            return List.of(unseen("CONFIG_BPF*", "neither /proc/config.gz nor /boot/config-VERSION can be read"));
        }
        return BUILD_OPTIONS.stream().map(this::buildOption).toList();
    }

    private Finding buildOption(BuildOption option) {
        String value = facts.option(option.name()).orElse("n");
        return value.equals("n")
                ? missing(
                        option.name(),
                        value,
                        "the kernel was built without what this needs: " + option.neededFor(),
                        NEWER_KERNEL)
                : ok(option.name(), value);
    }

    private Finding compilation() {
        Optional<String> setting = facts.jit();
        if (setting.isEmpty()) {
            return facts.option("CONFIG_BPF_JIT_ALWAYS_ON").filter("y"::equals).isPresent()
                    ? ok("JIT", "always on")
                    : unseen("JIT", "/proc/sys/net/core/bpf_jit_enable is for root only");
        }
        return setting.get().equals("0")
                ? limited(
                        "JIT",
                        "off",
                        "programs are interpreted, several times slower",
                        "sysctl -w net.core.bpf_jit_enable=1")
                : ok("JIT", "on");
    }

    private Finding types() {
        return facts.publishesTypes()
                ? ok("BTF", "/sys/kernel/btf/vmlinux")
                : missing("BTF", "no /sys/kernel/btf/vmlinux", "sockmap needs the kernel's types", NEWER_KERNEL);
    }

    private Finding unprivilegedUse() {
        String name = "unprivileged_bpf_disabled";
        return facts.unprivilegedBpfDisabled()
                .map(value -> value.equals("0")
                        ? limited(
                                name,
                                value,
                                "every user of this machine may call bpf(2); the proxy does not need that",
                                "sysctl -w kernel.unprivileged_bpf_disabled=2")
                        : ok(name, value))
                .orElseGet(() -> unseen(name, "/proc/sys/kernel/unprivileged_bpf_disabled cannot be read"));
    }

    private Finding lockdown() {
        String mode = facts.lockdown().orElse("none");
        return mode.equals("confidentiality")
                ? missing(
                        "lockdown",
                        mode,
                        "programs may not read the kernel's memory, which sockmap does; set at boot",
                        "")
                : ok("lockdown", mode);
    }

    private Finding lockedMemory() {
        String limit = facts.lockedMemoryLimit().orElse("unknown");
        boolean counts = facts.version()
                .filter(version -> !version.atLeast(MEMORY_BY_CGROUP))
                .isPresent();
        if (counts && !limit.equals("unlimited")) {
            return limited("memlock", limit, "maps count as locked memory on this kernel", "ulimit -l unlimited");
        }
        return ok("memlock", counts ? limit : limit + "; maps do not count on this kernel");
    }

    private static Finding ok(String name, String found) {
        return Finding.ok(Area.SYSTEM, name, found);
    }

    private static Finding limited(String name, String found, String advice, String command) {
        return Finding.limited(Area.SYSTEM, name, found, advice, command);
    }

    private static Finding missing(String name, String found, String advice, String command) {
        return Finding.missing(Area.SYSTEM, name, found, advice, command);
    }

    private static Finding unseen(String name, String advice) {
        return Finding.unseen(Area.SYSTEM, name, advice);
    }
}
