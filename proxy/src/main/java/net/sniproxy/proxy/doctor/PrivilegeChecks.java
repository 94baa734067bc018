package net.sniproxy.proxy.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.Capability;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.bpf.KernelFacts.Limit;
import net.sniproxy.bpf.KernelVersion;

/** What this process may do. */
final class PrivilegeChecks {
    /** What the whole proxy needs, and what each is for. */
    private static final List<Map.Entry<Capability, String>> NEEDED = List.of(
            Map.entry(Capability.CAP_BPF, "to load programs and maps"),
            Map.entry(Capability.CAP_NET_ADMIN, "to attach programs, and to splice"),
            Map.entry(Capability.CAP_PERFMON, "for sockmap"),
            Map.entry(Capability.CAP_NET_BIND_SERVICE, "to listen on port 443"));

    private static final KernelVersion SEPARATE = new KernelVersion(5, 8);
    private static final int HTTPS = 443;
    /** Two for each relayed connection, and room for 30,000 of them. */
    private static final long AMPLE_FILES = 65_536;

    private static final String AS_SERVICE = "systemctl enable --now sni-proxy   # or as root: sni-proxy run";

    private final KernelFacts facts;

    PrivilegeChecks(KernelFacts facts) {
        this.facts = facts;
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        Optional<Set<Capability>> held = facts.capabilities();
        for (Map.Entry<Capability, String> needed : NEEDED) {
            findings.add(held.map(capabilities -> capability(needed.getKey(), needed.getValue(), capabilities))
                    .orElseGet(() -> Finding.unseen(
                            Area.PRIVILEGES, needed.getKey().name(), "/proc/self/status cannot be read")));
        }
        findings.add(openFiles());
        return findings;
    }

    private Finding capability(Capability needed, String purpose, Set<Capability> held) {
        if (held.contains(needed)) {
            return Finding.ok(Area.PRIVILEGES, needed.name(), "held");
        }
        if (needed == Capability.CAP_NET_BIND_SERVICE && portIsFree()) {
            return Finding.ok(Area.PRIVILEGES, needed.name(), "not held, and not needed here for port " + HTTPS);
        }
        if (isPartOfSysAdmin(needed) && held.contains(Capability.CAP_SYS_ADMIN)) {
            return Finding.ok(Area.PRIVILEGES, needed.name(), "held, as part of CAP_SYS_ADMIN");
        }
        String advice = "needed " + purpose
                + (isPartOfSysAdmin(needed) && isOldKernel() ? "; before Linux " + SEPARATE + " as CAP_SYS_ADMIN" : "");
        return Finding.missing(Area.PRIVILEGES, needed.name(), "not held", advice, AS_SERVICE);
    }

    private boolean portIsFree() {
        return facts.firstUnprivilegedPort().filter(first -> first <= HTTPS).isPresent();
    }

    private boolean isOldKernel() {
        return facts.version().filter(version -> !version.atLeast(SEPARATE)).isPresent();
    }

    private static boolean isPartOfSysAdmin(Capability capability) {
        return capability == Capability.CAP_BPF || capability == Capability.CAP_PERFMON;
    }

    private Finding openFiles() {
        Optional<Limit> limit = facts.openFilesLimit();
        if (limit.isEmpty()) {
            return Finding.unseen(Area.PRIVILEGES, "open files", "/proc/self/limits cannot be read");
        }
        // Java raises the soft limit to the hard one by itself.
        String most = limit.get().hard();
        if (most.equals("unlimited") || Long.parseLong(most) >= AMPLE_FILES) {
            return Finding.ok(Area.PRIVILEGES, "open files", most);
        }
        return Finding.limited(
                Area.PRIVILEGES,
                "open files",
                most,
                "enough for about " + Long.parseLong(most) / 2 + " relayed connections at a time",
                "ulimit -n 1048576   # with systemd: LimitNOFILE=1048576");
    }
}
