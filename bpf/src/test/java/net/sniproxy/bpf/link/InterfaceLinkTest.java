package net.sniproxy.bpf.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachments.Attached;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.bpf.testing.TestPrograms;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs at network interfaces, between two namespaces: XDP, TCX, clsact. */
@KernelTest
class InterfaceLinkTest {
    private static final int XDP_DROP = 1;
    private static final int XDP_PASS = 2;
    private static final int TC_OK = 0;
    private static final int TC_SHOT = 2;
    private static final int TCX_NEXT = -1;
    private static final int XDP_MD_SIZE = 24;
    private static final int XDP_MD_DATA_END = 4;
    private static final int XDP_MD_INTERFACE = 12;

    private static NetworkNamespace left;
    private static NetworkNamespace right;
    private static int index;
    private static DatagramPath path;

    private final Kernel kernel = Kernel.running();

    @BeforeAll
    static void connect() {
        left = NetworkNamespace.create("left");
        right = NetworkNamespace.create("right");
        left.connect("eth0", "10.7.0.1/24", right, "eth0", "10.7.0.2/24");
        index = right.index("eth0");
        path = DatagramPath.between(left, "eth0", "10.7.0.1", right, "eth0", "10.7.0.2");
        path.assertOpen();
    }

    @AfterAll
    static void remove() {
        path.close();
        left.close();
        right.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = XdpMode.class,
            names = {"NATIVE", "GENERIC"})
    void shouldDropPacketsByXdpInTheModeAskedFor(XdpMode mode) {
        try (LoadedObject drop = load(TestPrograms.returning("drop", ProgramType.XDP, XDP_DROP));
                LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS))) {
            path.assertOpen();
            try (Link link = right.call(() -> Xdp.attach(kernel, drop.program("drop"), index, mode))) {
                assertThat(right.call(() -> Xdp.modeInForce(kernel, index))).contains(mode);
                assertThat(link.info().type()).isEqualTo(LinkType.XDP);
                assertThat(link.info().target()).isEqualTo(new LinkInfo.Target.Interface(index));
                path.assertClosed();

                link.replace(pass.program("pass"));
                path.assertOpen();
                assertThat(link.info().programId())
                        .isEqualTo(pass.program("pass").info().id());
                assertThatThrownBy(() -> right.call(() -> Xdp.attach(kernel, drop.program("drop"), index, mode)))
                        .isInstanceOf(BpfException.class)
                        .hasMessageContaining("Another program is attached there");
            }
            assertThat(right.call(() -> Xdp.modeInForce(kernel, index))).isEmpty();
        }
    }

    @Test
    void shouldChooseTheBestModeOfTheDriver() {
        try (LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS))) {
            try (Link _ = right.call(() -> Xdp.attachInBestMode(kernel, pass.program("pass"), index))) {
                assertThat(right.call(() -> Xdp.modeInForce(kernel, index))).contains(XdpMode.NATIVE);
            }
            // Loopback has no XDP of its own.
            try (Link _ = right.call(() -> Xdp.attachInBestMode(kernel, pass.program("pass"), 1))) {
                assertThat(right.call(() -> Xdp.modeInForce(kernel, 1))).contains(XdpMode.GENERIC);
            }
            assertThatThrownBy(() -> right.call(() -> Xdp.attach(kernel, pass.program("pass"), index, XdpMode.OFFLOAD)))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith("program pass on interface " + index + ": BPF_LINK_CREATE failed with");
        }
    }

    @Test
    void shouldFindTheLinkThatHoldsAnXdpProgram() {
        try (LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS));
                LoadedObject elsewhere = load(TestPrograms.returning("elsewhere", ProgramType.XDP, XDP_PASS));
                Link _ = left.call(
                        () -> Xdp.attach(kernel, elsewhere.program("elsewhere"), left.index("eth0"), XdpMode.NATIVE))) {
            assertThat(xdpLinks()).isEmpty();
            try (Link link = right.call(() -> Xdp.attach(kernel, pass.program("pass"), index, XdpMode.NATIVE))) {
                assertThat(xdpLinks()).containsExactly(link.info());
            }
            int id = pass.program("pass").info().id();
            right.run("bpftool", "net", "attach", "xdp", "id", Integer.toString(id), "dev", "eth0");
            try {
                assertThat(right.call(() -> Xdp.modeInForce(kernel, index))).isPresent();
                assertThat(xdpLinks()).as("attached without a link").isEmpty();
            } finally {
                right.ip("link set dev eth0 xdp off");
            }
        }
    }

    private static List<LinkInfo> xdpLinks() {
        return right.call(() -> Attachments.xdpLinks(Kernel.running(), index));
    }

    @Test
    void shouldKnowInterfacesThatHaveNoAddress() {
        right.ip("link add bare0 type veth peer name bare1");
        try {
            int bare = right.index("bare0");
            right.execute(() -> {
                assertThat(NetworkDevice.of(kernel, bare)).contains(new NetworkDevice(bare, "bare0"));
                assertThat(NetworkDevice.named(kernel, "bare0")).contains(new NetworkDevice(bare, "bare0"));
                assertThat(NetworkDevice.of(kernel, 9999)).isEmpty();
                assertThat(NetworkDevice.named(kernel, "bare")).isEmpty();
                assertThat(NetworkDevice.all(kernel))
                        .extracting(NetworkDevice::name)
                        .contains("lo", "eth0", "bare0", "bare1");
            });
        } finally {
            right.ip("link del bare0");
        }
    }

    @Test
    void shouldNameTheInterfaceThatIsNotThere() {
        assertThatThrownBy(() -> right.call(() -> Xdp.modeInForce(kernel, 9999)))
                .isInstanceOfSatisfying(
                        BpfException.class,
                        failure -> assertThat(failure.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("interface 9999");
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    @SinceKernel("6.6")
    void shouldDropPacketsByTcx(Direction direction) {
        try (LoadedObject drop = load(TestPrograms.returning("drop", ProgramType.SCHED_CLS, TC_SHOT));
                LoadedObject next = load(TestPrograms.returning("next", ProgramType.SCHED_CLS, TCX_NEXT));
                LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.SCHED_CLS, TC_OK))) {
            try (Link first =
                            right.call(() -> TrafficControl.attachTcx(kernel, next.program("next"), index, direction));
                    Link link = right.call(
                            () -> TrafficControl.attachTcx(kernel, drop.program("drop"), index, direction))) {
                path.assertClosed();
                assertThat(link.info().target())
                        .isEqualTo(new LinkInfo.Target.InterfaceDirection(
                                index, direction.attachType().number()));
                assertThat(onInterface())
                        .containsExactly(
                                new Attached("TCX " + direction, first.info().programId(), "next"),
                                new Attached("TCX " + direction, link.info().programId(), "drop"));
                link.replace(pass.program("pass"));
                path.assertOpen();
                link.detach();
                assertThat(onInterface()).hasSize(1);
            }
            assertThat(onInterface()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void shouldDropPacketsByClsact(Direction direction) {
        try (LoadedObject drop = load(TestPrograms.returning("drop", ProgramType.SCHED_CLS, TC_SHOT));
                LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.SCHED_CLS, TC_OK))) {
            try (ClsactFilter filter =
                    right.call(() -> TrafficControl.attachClsact(kernel, drop.program("drop"), index, direction))) {
                path.assertClosed();
                assertThat(onInterface())
                        .containsExactly(new Attached(
                                "clsact " + direction,
                                drop.program("drop").info().id(),
                                "drop"));
                assertThatThrownBy(() -> right.call(
                                () -> TrafficControl.attachClsact(kernel, pass.program("pass"), index, direction)))
                        .isInstanceOfSatisfying(
                                BpfException.class,
                                failure -> assertThat(failure.errno()).isEqualTo(Errno.EEXIST));
                filter.replace(pass.program("pass"));
                path.assertOpen();
                filter.replace(drop.program("drop"));
                path.assertClosed();
            }
            path.assertOpen();
            assertThat(onInterface()).isEmpty();
            assertThat(right.run("tc", "qdisc", "show", "dev", "eth0")).doesNotContain("clsact");
        }
    }

    @Test
    void shouldReplaceAndRemoveWhatAKilledProcessOfTheSameOwnerLeft() {
        // Closed only when all is over, as if their processes had been killed.
        try (LoadedObject drop = load(TestPrograms.returning("drop", ProgramType.SCHED_CLS, TC_SHOT));
                LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.SCHED_CLS, TC_OK));
                ClsactFilter _ = attachFor("/pins/one", drop.program("drop"))) {
            path.assertClosed();
            assertThatThrownBy(() -> attachFor("/pins/two", pass.program("pass")))
                    .isInstanceOfSatisfying(
                            BpfException.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Errno.EEXIST));

            try (ClsactFilter _ = attachFor("/pins/one", pass.program("pass"))) {
                path.assertOpen();
                assertThat(onInterface()).extracting(Attached::programName).containsExactly("pass");

                assertThat(detachLeft("/pins/two")).isFalse();
                assertThat(detachLeft("/pins/one")).isTrue();
                assertThat(detachLeft("/pins/one")).isFalse();
                assertThat(onInterface()).isEmpty();
                assertThat(right.run("tc", "qdisc", "show", "dev", "eth0")).doesNotContain("clsact");
            }
        }
    }

    private ClsactFilter attachFor(String owner, Program program) {
        return right.call(() -> TrafficControl.attachClsact(kernel, program, index, Direction.INGRESS, owner));
    }

    private boolean detachLeft(String owner) {
        return right.call(() -> TrafficControl.detachLeft(kernel, index, Direction.INGRESS, owner));
    }

    @Test
    void shouldLeaveTheClsactOfOthersInPlace() {
        right.run("tc", "qdisc", "add", "dev", "eth0", "clsact");
        try (LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.SCHED_CLS, TC_OK))) {
            right.call(() -> TrafficControl.attachClsact(kernel, pass.program("pass"), index, Direction.INGRESS))
                    .close();
            assertThat(right.run("tc", "qdisc", "show", "dev", "eth0")).contains("clsact");
        } finally {
            right.run("tc", "qdisc", "del", "dev", "eth0", "clsact");
        }
    }

    @Test
    void shouldSurviveTheProcessByAPinAndBeAdopted() {
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                LoadedObject drop = load(TestPrograms.returning("drop", ProgramType.XDP, XDP_DROP));
                LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS))) {
            Path pin = pins.root().resolve("xdp");
            try (Link link = right.call(() -> Xdp.attachInBestMode(kernel, drop.program("drop"), index))) {
                link.pin(pin);
            }
            path.assertClosed();
            try (Link adopted = Link.open(kernel, pin)) {
                adopted.replace(pass.program("pass"));
                assertThat(Attachments.links(kernel)).contains(adopted.info());
            }
            path.assertOpen();
            assertThat(onInterface()).extracting(Attached::where).containsExactly("XDP NATIVE");
            Files.delete(pin);
            // The kernel takes an inode away when no reader can see it any more.
            Eventually.holds(() -> assertThat(onInterface()).isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldSendLiveFrames() {
        byte[] frame = path.frame("live");
        byte[] context = ByteBuffer.allocate(XDP_MD_SIZE)
                .order(ByteOrder.nativeOrder())
                .putInt(XDP_MD_DATA_END, frame.length)
                .putInt(XDP_MD_INTERFACE, index)
                .array();
        try (LoadedObject pass = load(TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS))) {
            TestRun live = TestRun.onPacket(frame)
                    .withContext(context)
                    .withLiveFrames()
                    .withRepeat(5);
            right.call(() -> pass.program("pass").run(live));
            path.assertArrives("live", 5);
        }
    }

    private LoadedObject load(ProgramSpec.Builder program) {
        return LoadedObject.load(kernel, TestPrograms.object(program.build()));
    }

    private List<Attached> onInterface() {
        return right.call(() -> Attachments.onInterface(kernel, index));
    }
}
