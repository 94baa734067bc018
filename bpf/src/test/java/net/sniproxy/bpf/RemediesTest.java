package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RemediesTest {
    private static final Requirement RING_BUFFERS = Requirement.of("ring buffers", 5, 8, "CONFIG_BPF_EVENTS");

    @TempDir
    Path root;

    @Test
    void shouldTellWhatIsNeededWithoutPrivilege() throws IOException {
        write("proc/sys/kernel/osrelease", "6.1.0-28-amd64\n");
        write("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
        write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");

        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EPERM))
                .isInstanceOfSatisfying(BpfException.class, failure -> {
                    assertThat(failure.command()).isEqualTo("BPF_MAP_CREATE");
                    assertThat(failure.object()).isEqualTo("map CONFIG");
                    assertThat(failure.errno()).isEqualTo(Errno.EPERM);
                })
                .hasMessageStartingWith("map CONFIG: BPF_MAP_CREATE failed with EPERM: operation not permitted. ")
                .hasMessageContaining("CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON")
                .hasMessageContaining("unprivileged_bpf_disabled is 2")
                .hasMessageContaining("locked down (integrity)")
                .hasMessageNotContaining("LimitMEMLOCK");
    }

    @Test
    void shouldBlameTheFilterOfAContainerThatHasTheCapability() throws IOException {
        write("proc/self/status", "CapEff:\t000000c000001400\nSeccomp:\t2\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EPERM))
                .hasMessageContaining("has CAP_BPF, but a seccomp filter is in force")
                .hasMessageNotContaining("Run as root");

        write("proc/self/status", "CapEff:\t0000000000000000\nSeccomp:\t2\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EPERM)).hasMessageContaining("Run as root");
    }

    @ParameterizedTest
    @EnumSource(
            value = BpfCommand.class,
            names = {"BPF_(PROG|MAP|LINK)_GET_(NEXT_ID|FD_BY_ID)", "BPF_ENABLE_STATS"},
            mode = EnumSource.Mode.MATCH_ANY)
    void shouldAskForMoreWhereTheWholeMachineIsReached(BpfCommand command) throws IOException {
        write("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");

        assertThatThrownBy(() -> fail(command, Errno.EPERM))
                .hasMessageContaining("CAP_SYS_ADMIN: CAP_BPF is not enough")
                .hasMessageNotContaining("CAP_PERFMON")
                .hasMessageNotContaining("unprivileged_bpf_disabled");
    }

    @Test
    void shouldBlameTheLimitOfLockedMemoryOnOldKernelsOnly() throws IOException {
        write("proc/self/limits", "Limit  Soft\nMax locked memory         65536                65536     bytes\n");
        write("proc/sys/kernel/osrelease", "5.10.0\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EPERM))
                .hasMessageContaining("the limit is 65536 bytes")
                .hasMessageContaining("LimitMEMLOCK=infinity");

        write("proc/sys/kernel/osrelease", "5.11.0\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EPERM)).hasMessageNotContaining("LimitMEMLOCK");
    }

    @Test
    void shouldNameTheFeatureThatAnOldKernelLacks() throws IOException {
        write("proc/sys/kernel/osrelease", "5.4.0\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EINVAL))
                .hasMessageContaining("The kernel has no ring buffers: it is 5.4, which 5.8 added.");
    }

    @Test
    void shouldNameTheBuildOptionThatIsOff() throws IOException {
        write("proc/sys/kernel/osrelease", "6.1.0\n");
        write("boot/config-6.1.0", "# CONFIG_BPF_EVENTS is not set\nCONFIG_BPF=y\n");
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EINVAL))
                .hasMessageContaining("built without CONFIG_BPF_EVENTS, which ring buffers needs");
        assertThat(facts().option("CONFIG_BPF")).contains("y");
    }

    @Test
    void shouldReadACompressedConfiguration() throws IOException {
        Path file = root.resolve("proc/config.gz");
        Files.createDirectories(file.getParent());
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("CONFIG_BPF_EVENTS=y\nCONFIG_LSM=\"lockdown,bpf\"\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(facts().option("CONFIG_BPF_EVENTS")).contains("y");
        assertThat(facts().option("CONFIG_LSM")).contains("\"lockdown,bpf\"");
        assertThat(facts().option("CONFIG_OTHER")).contains("n");
    }

    @Test
    void shouldClaimNothingWhenTheKernelTellsNothing() {
        assertThat(facts().option("CONFIG_BPF")).isEmpty();
        assertThat(facts().version()).isEmpty();
        assertThat(facts().mounts("bpf")).isEmpty();
        assertThatThrownBy(() -> fail(BpfCommand.BPF_MAP_CREATE, Errno.EINVAL))
                .hasMessage("map CONFIG: BPF_MAP_CREATE failed with EINVAL: invalid argument");
    }

    @Test
    void shouldExplainTheOtherErrors() {
        record Row(BpfCommand command, Errno errno, String expected) {}
        for (Row row : new Row[] {
            new Row(BpfCommand.BPF_MAP_CREATE, Errno.E2BIG, "too large for this type of map"),
            new Row(BpfCommand.BPF_MAP_CREATE, Errno.ENOMEM, "not enough memory"),
            new Row(BpfCommand.BPF_MAP_CREATE, Errno.EMFILE, "ulimit -n"),
            new Row(BpfCommand.BPF_MAP_CREATE, Errno.ENOSYS, "CONFIG_BPF_SYSCALL"),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.E2BIG, "The map is full"),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.ENOSPC, "The map is full"),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.EEXIST, "in the map already"),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.ENOENT, "not in the map"),
            new Row(BpfCommand.BPF_PROG_LOAD, Errno.E2BIG, "1,000,000 instructions"),
            new Row(BpfCommand.BPF_OBJ_PIN, Errno.EEXIST, "Something is pinned"),
            new Row(BpfCommand.BPF_OBJ_PIN, Errno.EPERM, "BPF file system only"),
            new Row(BpfCommand.BPF_OBJ_PIN, Errno.ENOENT, "directory of the path does not exist"),
            new Row(BpfCommand.BPF_LINK_CREATE, Errno.EBUSY, "Another program is attached"),
            new Row(BpfCommand.BPF_MAP_LOOKUP_ELEM, Errno.EACCES, "Access was refused"),
        }) {
            assertThatThrownBy(() -> fail(row.command(), row.errno()))
                    .as(row.toString())
                    .hasMessageContaining(row.expected());
        }
    }

    @Test
    void shouldFindMounts() throws IOException {
        write("proc/self/mounts", "none /sys/fs/bpf bpf rw 0 0\ncgroup2 /a\\040b cgroup2 rw 0 0\n");
        assertThat(facts().mounts("bpf")).containsExactly(Path.of("/sys/fs/bpf"));
        assertThat(facts().mounts("cgroup2")).containsExactly(Path.of("/a b"));
    }

    @Test
    void shouldCountPossibleCpus() throws IOException {
        write("sys/devices/system/cpu/possible", "0-3,8,10-11\n");
        assertThat(facts().possibleCpus()).isEqualTo(7);
        assertThat(KernelFacts.countCpus("0")).isEqualTo(1);
    }

    private void fail(BpfCommand command, Errno errno) {
        Kernel kernel = new Kernel(new FakeSystemCalls().fail(command, errno), facts());
        try (Arena arena = Arena.ofConfined()) {
            kernel.bpf(command, arena.allocate(8), "map CONFIG", RING_BUFFERS);
        }
    }

    private KernelFacts facts() {
        return new KernelFacts(root);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void shouldKnowTheSizeOfAPageWithoutTheAuxiliaryVector() throws IOException {
        write("proc/self/status", "VmSize:\t  1027000 kB\n");
        write("proc/self/statm", "256123 7100 5000 1 0 30000 0\n");
        assertThat(facts().pageSize()).isEqualTo(4096);

        write("proc/self/statm", "16050 7100 5000 1 0 30000 0\n");
        assertThat(facts().pageSize()).isEqualTo(65536);
        assertThat(KernelFacts.running().pageSize()).isIn(4096L, 16384L, 65536L);
    }
}
