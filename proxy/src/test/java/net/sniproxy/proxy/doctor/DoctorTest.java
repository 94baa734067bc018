package net.sniproxy.proxy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final String STATUS = "proc/self/status";
    private static final String LIMITS = "proc/self/limits";
    private static final String MOUNTS = "proc/self/mounts";
    private static final String RELEASE = "proc/sys/kernel/osrelease";
    private static final String CONFIG = "boot/config-6.12.0";
    private static final String BPF_MOUNT = "bpf /sys/fs/bpf bpf rw 0 0\n";
    private static final String CGROUP_MOUNT = "none /sys/fs/cgroup cgroup2 rw 0 0\n";
    private static final String ALL_CAPABILITIES = "CapEff:\t000001ffffffffff\n";

    /** A machine on which nothing is wrong, file by file. */
    private static final Map<String, String> SOUND = Map.ofEntries(
            Map.entry(RELEASE, "6.12.0\n"),
            Map.entry(CONFIG, """
                    CONFIG_BPF=y
                    CONFIG_BPF_SYSCALL=y
                    CONFIG_BPF_JIT=y
                    CONFIG_CGROUP_BPF=y
                    CONFIG_BPF_STREAM_PARSER=y
                    CONFIG_NET_CLS_ACT=y
                    CONFIG_DEBUG_INFO_BTF=y
                    """),
            Map.entry("proc/sys/net/core/bpf_jit_enable", "1\n"),
            Map.entry("sys/kernel/btf/vmlinux", "types"),
            Map.entry("sys/fs/bpf/sni-proxy/.here", ""),
            Map.entry(MOUNTS, BPF_MOUNT + CGROUP_MOUNT),
            Map.entry("proc/sys/kernel/unprivileged_bpf_disabled", "2\n"),
            Map.entry("sys/kernel/security/lockdown", "[none] integrity confidentiality\n"),
            Map.entry("proc/sys/net/ipv4/ip_unprivileged_port_start", "1024\n"),
            Map.entry(LIMITS, """
                    Limit                     Soft Limit           Hard Limit           Units
                    Max open files            1024                 1048576              files
                    Max locked memory         8388608              8388608              bytes
                    """),
            Map.entry(STATUS, ALL_CAPABILITIES));

    private static final String ABSENT = "(absent)";

    @TempDir
    Path folder;

    private static Finding finding(List<Finding> findings, String name) {
        return findings.stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding " + name + " in " + findings));
    }

    private static Doctor doctor(Path root) {
        FakeSystemCalls calls = new FakeSystemCalls();
        for (BpfCommand command : BpfCommand.values()) {
            calls.fail(command, Errno.EPERM);
        }
        return new Doctor(new Kernel(calls, new KernelFacts(root)));
    }

    private static List<Finding> examineFiles(Path root) {
        return doctor(root).examine();
    }

    private Path machine(String name, Map<String, String> changes) throws IOException {
        Path root = folder.resolve(name);
        for (Map.Entry<String, String> file : SOUND.entrySet()) {
            String text = changes.getOrDefault(file.getKey(), file.getValue());
            if (!text.equals(ABSENT)) {
                Path path = root.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, text);
            }
        }
        // AT_PAGESZ (6): 4096.
        ByteBuffer auxiliary = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder());
        Files.write(
                root.resolve("proc/self/auxv"),
                auxiliary.putLong(6).putLong(4096).array());
        return root;
    }

    @Test
    void shouldFindNothingWrongWithASoundMachine() throws IOException {
        assertThat(examineFiles(machine("sound", Map.of())))
                .filteredOn(finding -> finding.area() == Area.SYSTEM || finding.area() == Area.PRIVILEGES)
                .hasSizeGreaterThan(15)
                .allSatisfy(finding -> {
                    assertThat(finding.status()).as(finding.toString()).isEqualTo(Status.OK);
                    assertThat(finding.found()).isNotEmpty();
                    assertThat(finding.advice()).isEmpty();
                    assertThat(finding.command()).isEmpty();
                });
    }

    @Test
    void shouldSayWhatIsMissingAndWhatMendsIt() throws IOException {
        record Case(String file, String content, String name, Status status, String advice, String command) {}
        List<Case> cases = List.of(
                new Case(RELEASE, "4.9.0", "kernel", Status.MISSING, "before Linux 4.14", "apt install linux-image"),
                new Case(RELEASE, "5.4.0", "kernel", Status.LIMITED, "5.10 or later", "apt install linux-image"),
                new Case(RELEASE, ABSENT, "kernel", Status.UNSEEN, "osrelease cannot be read", ""),
                new Case(RELEASE, "5.4.0", "memlock", Status.LIMITED, "locked memory", "ulimit -l unlimited"),
                new Case(CONFIG, "CONFIG_BPF=y", "CONFIG_CGROUP_BPF", Status.MISSING, "sockmap", "apt install"),
                new Case(CONFIG, ABSENT, "CONFIG_BPF*", Status.UNSEEN, "/proc/config.gz", ""),
                new Case(
                        "proc/sys/net/core/bpf_jit_enable", "0", "JIT", Status.LIMITED, "interpreted", "sysctl -w net"),
                new Case("proc/sys/net/core/bpf_jit_enable", ABSENT, "JIT", Status.UNSEEN, "for root only", ""),
                new Case("sys/kernel/btf/vmlinux", ABSENT, "BTF", Status.MISSING, "types", "apt install linux-image"),
                new Case(MOUNTS, CGROUP_MOUNT, "/sys/fs/bpf", Status.LIMITED, "end with the proxy", "mount -t bpf bpf"),
                new Case(MOUNTS, BPF_MOUNT, "cgroup v2", Status.MISSING, "sockmap", "mount -t cgroup2 none"),
                new Case(
                        "proc/sys/kernel/unprivileged_bpf_disabled",
                        "0",
                        "unprivileged_bpf_disabled",
                        Status.LIMITED,
                        "every user",
                        "sysctl -w kernel.unprivileged_bpf_disabled=2"),
                new Case(
                        "sys/kernel/security/lockdown",
                        "none integrity [confidentiality]",
                        "lockdown",
                        Status.MISSING,
                        "set at boot",
                        ""),
                new Case(STATUS, "CapEff: 0", "CAP_BPF", Status.MISSING, "load programs", "systemctl enable"),
                new Case(STATUS, "CapEff: 0", "CAP_NET_ADMIN", Status.MISSING, "splice", "systemctl enable"),
                new Case(STATUS, "CapEff: 0", "CAP_PERFMON", Status.MISSING, "sockmap", "systemctl enable"),
                new Case(STATUS, "CapEff: 0", "CAP_NET_BIND_SERVICE", Status.MISSING, "port 443", "systemctl enable"),
                new Case(STATUS, ABSENT, "CAP_BPF", Status.UNSEEN, "/proc/self/status", ""),
                new Case(
                        LIMITS,
                        "Max open files  1024  4096  files",
                        "open files",
                        Status.LIMITED,
                        "2048 relayed connections",
                        "LimitNOFILE"));
        int number = 0;
        for (Case each : cases) {
            Path root = machine("case" + number++, Map.of(each.file(), each.content()));
            Finding finding = finding(examineFiles(root), each.name());
            assertThat(finding.status()).as(finding.toString()).isEqualTo(each.status());
            assertThat(finding.advice()).contains(each.advice());
            assertThat(finding.command()).contains(each.command());
            assertThat(finding.command().isEmpty()).isEqualTo(each.command().isEmpty());
        }
    }

    /** What is found for a configuration, which comes last. */
    private List<Finding> examineFor(Path root, String keys) throws ConfigException {
        Config config =
                ConfigLoader.parse("{\"listen_addr\": \"127.0.0.1:0\", \"whitelist\": [\"example.com\"]" + keys + "}");
        List<Finding> findings = doctor(root).examine(config, folder.resolve("config.json"));
        assertThat(findings).extracting(Finding::name).doesNotContain("/sys/fs/bpf", "cgroup v2");
        return findings.stream()
                .filter(finding -> finding.area() == Area.CONFIGURATION)
                .toList();
    }

    @Test
    void shouldJudgeWhatAConfigurationNames() throws IOException, ConfigException {
        record Case(String keys, String name, Status status, String found, String command) {}
        String ebpf = ", \"ebpf\": {\"enabled\": true, ";
        List<Case> cases = List.of(
                new Case("", "listen_addr", Status.OK, "127.0.0.1 port 0 is free", ""),
                new Case("", "ebpf.splice.pin", Status.OK, "/sys/fs/bpf/sni-proxy", ""),
                new Case("", "ebpf.sockmap", Status.OK, "it needs true", ""),
                new Case(", \"ebpf\": {\"enabled\": false}", "ebpf.enabled", Status.OK, "relayed", ""),
                new Case(
                        ebpf + "\"splice\": {\"pin\": \"/srv/pins\"}}",
                        "ebpf.splice.pin",
                        Status.LIMITED,
                        "in no BPF file system; one is mounted at /sys/fs/bpf",
                        "mount -t bpf bpf /srv/pins"),
                new Case(
                        ebpf + "\"dns_cache\": {\"pin\": \"/srv/names\"}}",
                        "ebpf.dns_cache.pin",
                        Status.LIMITED,
                        "/srv/names",
                        "mount -t bpf bpf /srv/names"),
                new Case(
                        ebpf + "\"dns_cache\": {\"enabled\": false, \"pin\": \"/srv/names\"}}",
                        "ebpf.dns_cache.enabled",
                        Status.OK,
                        "false: names are kept in the memory of the proxy",
                        ""),
                new Case(
                        ebpf + "\"splice\": {\"interfaces\": [\"absent0\"]}}",
                        "ebpf.splice.interfaces",
                        Status.MISSING,
                        "absent0 is not there",
                        ""),
                new Case(
                        ebpf + "\"xdp\": {\"enabled\": true, \"interfaces\": [\"absent1\"]}}",
                        "ebpf.xdp.interfaces",
                        Status.MISSING,
                        "absent1 is not there",
                        ""),
                new Case(ebpf + "\"sockmap\": {}}", "ebpf.sockmap.cgroup", Status.OK, "/sys/fs/cgroup", ""),
                new Case(
                        ebpf + "\"sockmap\": {\"cgroup\": \"/sys/fs/cgroup/web\"}}",
                        "ebpf.sockmap.cgroup",
                        Status.MISSING,
                        "is not there",
                        "mkdir /sys/fs/cgroup/web"),
                new Case(
                        ebpf + "\"sockmap\": {\"cgroup\": \"/srv/cgroup\"}}",
                        "ebpf.sockmap.cgroup",
                        Status.MISSING,
                        "/srv/cgroup is no cgroup v2",
                        ""),
                new Case(
                        ", \"access_log\": {\"file\": \"/proc/self/status/access.log\"}",
                        "access_log.file",
                        Status.MISSING,
                        "cannot be written",
                        ""),
                new Case(
                        ", \"log\": {\"output\": \"file\", \"file_path\": \"/proc/self/status/log\"}",
                        "log.file_path",
                        Status.MISSING,
                        "cannot be written",
                        ""),
                new Case(
                        ", \"user\": \"nobody-of-this-name\"",
                        "user",
                        Status.MISSING,
                        "no user of this machine",
                        "useradd --system --no-create-home nobody-of-this-name"),
                new Case(", \"user\": \"root\"", "user", Status.MISSING, "root is root", ""),
                new Case(", \"user\": \"65532:65532\"", "user", Status.OK, "keeps CAP_NET_BIND_SERVICE, ", ""));
        Path root = machine("configured", Map.of());
        for (Case each : cases) {
            Finding finding = finding(examineFor(root, each.keys()), each.name());
            assertThat(finding.status()).as(finding.toString()).isEqualTo(each.status());
            assertThat(finding.found()).contains(each.found());
            assertThat(finding.command()).contains(each.command());
            assertThat(finding.command().isEmpty()).isEqualTo(each.command().isEmpty());
        }
    }

    @Test
    void shouldSayWhatBecomingTheUserTakes() throws IOException, ConfigException {
        record Case(String status, Status expected, String words, String command) {}
        List<Case> cases = List.of(
                new Case("CapEff:\t0\n", Status.MISSING, "not held: CAP_SETGID, CAP_SETUID", "--cap-add SETUID"),
                new Case("CapEff:\tc0\n", Status.LIMITED, "without CAP_CHOWN, CAP_NET_BIND_SERVICE", "--cap-add BPF"),
                new Case("Uid:\t1000\t1000\t1000\t1000\n", Status.LIMITED, "only root can become another", ""),
                new Case("Uid:\t65532\t65532\t65532\t65532\n", Status.OK, "as this process", ""));
        for (Case each : cases) {
            Path root = machine("user" + each.expected() + each.words().length(), Map.of(STATUS, each.status()));
            Finding finding = finding(examineFor(root, ", \"user\": \"65532:65532\""), "user");
            assertThat(finding.status()).as(finding.toString()).isEqualTo(each.expected());
            assertThat(finding.found() + finding.advice()).contains(each.words());
            assertThat(finding.command()).contains(each.command());
        }
    }

    @Test
    void shouldJudgeFilesForTheUserThatTheProxyBecomes() throws IOException, ConfigException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.createDirectory(folder.resolve("others"));
        String files = ", \"log\": {\"output\": \"file\", \"file_path\": \"%1$s/new/log\"},"
                + " \"admin_socket\": \"%1$s/others/admin\", \"access_log\": {\"file\": \"%1$s/config.json\"}";
        String keys = files.formatted(folder);
        Path root = machine("files", Map.of());
        List<String> names = List.of("log.file_path", "access_log.file", "admin_socket");

        List<Finding> stays = examineFor(root, keys);
        List<Finding> changes = examineFor(root, keys + ", \"user\": \"65532:65531\"");

        assertThat(names).allSatisfy(name -> {
            assertThat(finding(stays, name).status()).isEqualTo(Status.OK);
            assertThat(finding(changes, name).status()).isEqualTo(Status.MISSING);
            assertThat(finding(changes, name).found()).contains("cannot be written by user 65532");
        });
        assertThat(finding(changes, "log.file_path").command()).isEqualTo("install -d -o 65532 " + folder + "/new");
        assertThat(finding(changes, "access_log.file").command()).isEqualTo("chown 65532 " + folder + "/config.json");
        // The folder may be somebody's who needs it.
        assertThat(finding(changes, "admin_socket").command()).isEmpty();
        assertThat(finding(changes, "-c").command()).startsWith("chgrp 65531 ");
    }

    @Test
    void shouldSayWhichAddressesCannotBeListenedOn() throws IOException, ConfigException {
        Path root = machine("listening", Map.of());
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Config config = ConfigLoader.parse("""
                    {"listen_addr": ["127.0.0.1:%d", "192.0.2.1:443"], "whitelist": ["example.com"]}
                    """.formatted(other.getLocalPort()));
            assertThat(doctor(root).examine(config, folder.resolve("config.json")))
                    .filteredOn(finding -> finding.name().equals("listen_addr"))
                    .extracting(Finding::found)
                    .satisfiesExactly(
                            taken -> assertThat(taken).contains("127.0.0.1:" + other.getLocalPort(), "it is in use"),
                            foreign -> assertThat(foreign).contains("192.0.2.1:443: no interface of this host"));
        }
    }

    @Test
    void shouldTakeSysAdminForWhatItContains() throws IOException {
        List<Finding> findings = examineFiles(machine("old", Map.of(STATUS, "CapEff:\t0000000000200000\n")));

        assertThat(finding(findings, "CAP_BPF").found()).contains("part of CAP_SYS_ADMIN");
        assertThat(finding(findings, "CAP_PERFMON").status()).isEqualTo(Status.OK);
        assertThat(finding(findings, "CAP_NET_ADMIN").status()).isEqualTo(Status.MISSING);
    }

    @Test
    void shouldNotAskForAPrivilegeThatPortsHereDoNotNeed() throws IOException {
        Path root = machine(
                "free-ports", Map.of(STATUS, "CapEff: 0", "proc/sys/net/ipv4/ip_unprivileged_port_start", "443"));

        assertThat(finding(examineFiles(root), "CAP_NET_BIND_SERVICE").status()).isEqualTo(Status.OK);
    }

    @Test
    void shouldPromiseTheRelayAloneWhereTheKernelForbidsPrograms() throws IOException {
        List<Finding> findings = examineFiles(machine("forbidden", Map.of()));

        assertThat(finding(findings, "relay").status()).isEqualTo(Status.OK);
        for (String name : List.of("splice", "sockmap", "source filter")) {
            assertThat(finding(findings, name).status()).as(name).isEqualTo(Status.MISSING);
            assertThat(finding(findings, name).advice()).contains("CAP_BPF and CAP_NET_ADMIN");
        }
        assertThat(finding(findings, "DNS cache").status()).isEqualTo(Status.LIMITED);
        assertThat(findings)
                .filteredOn(finding -> finding.area() == Area.SELF_TESTS)
                .hasSize(1)
                .allSatisfy(finding -> {
                    assertThat(finding.status()).isEqualTo(Status.UNSEEN);
                    assertThat(finding.advice()).contains("not run");
                });
    }

    @Test
    void shouldPassOnWhyAKernelCannot() throws IOException {
        FakeSystemCalls calls = new FakeSystemCalls();
        Kernel kernel = new Kernel(calls, new KernelFacts(machine("no-bpf", Map.of())));

        List<Finding> findings = new Doctor(kernel).examine();

        assertThat(finding(findings, "splice").status()).isEqualTo(Status.MISSING);
        assertThat(finding(findings, "splice").advice()).contains("ENOSYS");
    }

    @Test
    @KernelTest
    void shouldSeeThePathsAndTheInterfacesOfThisMachine() {
        try (NetworkNamespace namespace = NetworkNamespace.create("doctor");
                NetworkNamespace other = NetworkNamespace.create("other")) {
            namespace.connect("cable", "10.99.0.1/30", other, "cable", "10.99.0.2/30");

            List<Finding> findings = namespace.call(() -> new Doctor(Kernel.running()).examine());

            for (String name : List.of("relay", "splice", "sockmap", "source filter", "DNS cache")) {
                assertThat(finding(findings, name).status()).as(name).isEqualTo(Status.OK);
            }
            assertThat(finding(findings, "lo").found()).isEqualTo("XDP: generic");
            assertThat(finding(findings, "cable").found()).isEqualTo("XDP: native, generic");
            assertThat(findings)
                    .filteredOn(finding -> finding.area() == Area.SELF_TESTS)
                    .hasSizeGreaterThanOrEqualTo(6)
                    .allSatisfy(finding -> assertThat(finding.found()).isEqualTo("passed"));
            assertThat(namespace.run("bpftool", "net", "show", "dev", "cable")).doesNotContain("id ");
        }
    }
}
