package net.sniproxy.bpf.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.bpf.KernelVersion;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FeaturesTest {
    private static final Features FEATURES = new Features(Kernel.running(), options());

    private static LoadOptions options() {
        try {
            Btf types = Btf.read(Path.of("/sys/kernel/btf/vmlinux"));
            return LoadOptions.defaults().withKernelTypes(() -> types);
        } catch (IOException withoutTypes) {
            return LoadOptions.defaults();
        }
    }

    @KernelTest
    @ParameterizedTest
    @EnumSource(MapType.class)
    void shouldFindEveryMapTypeOfThisToolkit(MapType type) {
        assertThat(FEATURES.map(type)).isEqualTo(new Support.Yes());
    }

    @KernelTest
    @ParameterizedTest
    @EnumSource(ProgramType.class)
    void shouldFindEveryProgramTypeOfThisToolkit(ProgramType type) {
        assertThat(FEATURES.program(type)).isEqualTo(new Support.Yes());
    }

    @KernelTest
    @ParameterizedTest
    @EnumSource(
            value = AttachType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRACE_FENTRY", "TRACE_FEXIT", "TCX_INGRESS", "TCX_EGRESS"})
    void shouldFindEveryPlaceThatTheProxyAttachesTo(AttachType place) {
        assertThat(FEATURES.attachment(place)).isEqualTo(new Support.Yes());
    }

    @KernelTest
    @ParameterizedTest
    @EnumSource(
            value = AttachType.class,
            names = {"TCX_INGRESS", "TCX_EGRESS"})
    void shouldKnowSinceWhenClassifiersHaveLinks(AttachType place) {
        boolean there = KernelVersion.parse(System.getProperty("os.version")).atLeast(new KernelVersion(6, 6));
        assertThat(FEATURES.attachment(place).isYes()).isEqualTo(there);
    }

    @KernelTest
    @Test
    void shouldFindBtf() {
        assertThat(FEATURES.btf()).isEqualTo(new Support.Yes());
    }

    @KernelTest
    @Test
    void shouldTellHelpersByProgramType() {
        record Row(ProgramType type, Helper helper, boolean expected) {}
        for (Row row : new Row[] {
            new Row(ProgramType.XDP, Helper.MAP_LOOKUP_ELEM, true),
            new Row(ProgramType.XDP, Helper.XDP_ADJUST_HEAD, true),
            new Row(ProgramType.XDP, Helper.RINGBUF_OUTPUT, true),
            new Row(ProgramType.XDP, Helper.SKB_STORE_BYTES, false),
            new Row(ProgramType.XDP, Helper.MSG_REDIRECT_HASH, false),
            new Row(ProgramType.SCHED_CLS, Helper.SKB_STORE_BYTES, true),
            new Row(ProgramType.SCHED_CLS, Helper.REDIRECT_NEIGH, true),
            new Row(ProgramType.SCHED_CLS, Helper.XDP_ADJUST_HEAD, false),
            new Row(ProgramType.SK_MSG, Helper.MSG_REDIRECT_HASH, true),
            new Row(ProgramType.SK_MSG, Helper.SK_STORAGE_GET, true),
            new Row(ProgramType.SK_MSG, Helper.GET_SOCKET_COOKIE, false),
            new Row(ProgramType.SOCK_OPS, Helper.SOCK_HASH_UPDATE, true),
            new Row(ProgramType.TRACING, Helper.SK_STORAGE_GET, true),
            new Row(ProgramType.SOCK_OPS, Helper.UNSPEC, false),
        }) {
            Support support = FEATURES.helper(row.type(), row.helper());
            assertThat(support.isYes()).as(row + ": " + support).isEqualTo(row.expected());
        }
    }

    @Test
    void shouldSayWhatIsMissing() {
        FakeSystemCalls fake = new FakeSystemCalls()
                .open(BpfCommand.BPF_BTF_LOAD)
                .fail(BpfCommand.BPF_MAP_CREATE, Errno.EINVAL)
                .fail(BpfCommand.BPF_PROG_LOAD, Errno.EINVAL);
        Features features = new Features(new Kernel(fake, KernelFacts.running()));

        assertThat(features.map(MapType.RINGBUF))
                .isInstanceOfSatisfying(
                        Support.No.class,
                        no -> assertThat(no.reason()).startsWith("map probe: BPF_MAP_CREATE failed with EINVAL"));
        assertThat(features.program(ProgramType.SK_MSG).isYes()).isFalse();
        assertThat(features.attachment(AttachType.SK_MSG_VERDICT).isYes()).isFalse();
        assertThat(features.helper(ProgramType.XDP, Helper.MAP_LOOKUP_ELEM).isYes())
                .isFalse();
        assertThat(fake.openDescriptors()).isEmpty();
    }

    @Test
    void shouldNotTakeLackOfPrivilegeForAnAnswer() {
        FakeSystemCalls fake = new FakeSystemCalls().fail(BpfCommand.BPF_BTF_LOAD, Errno.EPERM);
        Features features = new Features(new Kernel(fake, KernelFacts.running()));
        assertThatThrownBy(() -> features.map(MapType.HASH))
                .isInstanceOf(BpfException.class)
                .hasMessageContaining("EPERM");
        assertThatThrownBy(features::btf).isInstanceOf(BpfException.class).hasMessageContaining("CAP_BPF");
    }
}
