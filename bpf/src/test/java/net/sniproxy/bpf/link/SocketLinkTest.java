package net.sniproxy.bpf.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.AtomicOperation;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction.AluConstant;
import net.sniproxy.bpf.asm.Instruction.AtomicUpdate;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.Move;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Instruction.StoreConstant;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.link.Attachments.Attached;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.SocketMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.SocketPair;
import net.sniproxy.bpf.testing.TestCgroup;
import net.sniproxy.bpf.testing.TestPrograms;
import org.junit.jupiter.api.Test;

/** Programs at sockets and tasks: those of a cgroup, those in a map, a tracepoint. Each program counts its runs. */
@KernelTest
class SocketLinkTest {
    private final Kernel kernel = Kernel.running();

    @Test
    void shouldSeeTheConnectionsOfACgroup() throws Exception {
        try (LoadedObject object = LoadedObject.load(
                        kernel,
                        counter("on_socket", ProgramType.SOCK_OPS, Optional.of(AttachType.CGROUP_SOCK_OPS), 1));
                TestCgroup cgroup = TestCgroup.create();
                ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Program program = object.program("on_socket");
            try (Link link = Cgroups.attach(kernel, program, cgroup.directory(), AttachType.CGROUP_SOCK_OPS)) {
                assertThat(link.info().type()).isEqualTo(LinkType.CGROUP);
                assertThat(Attachments.onCgroup(kernel, cgroup.directory()))
                        .containsExactly(
                                new Attached("CGROUP_SOCK_OPS", program.info().id(), "on_socket"));
                assertThat(count(object)).isZero();
                connectFrom(cgroup, server.getLocalPort());
                assertThat(count(object)).isPositive();
            }
            long counted = count(object);
            connectFrom(cgroup, server.getLocalPort());
            assertThat(count(object)).isEqualTo(counted);
        }
    }

    @Test
    void shouldRefuseConnectionsOfACgroup() throws Exception {
        ProgramSpec.Builder refuse = TestPrograms.returning("refuse", ProgramType.CGROUP_SOCK_ADDR, 0)
                .attachType(AttachType.CGROUP_INET4_CONNECT);
        try (LoadedObject object = load(refuse);
                TestCgroup cgroup = TestCgroup.create();
                ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            connectFrom(cgroup, server.getLocalPort());
            try (Link _ = Cgroups.attach(
                    kernel, object.program("refuse"), cgroup.directory(), AttachType.CGROUP_INET4_CONNECT)) {
                assertThatThrownBy(() -> connectFrom(cgroup, server.getLocalPort()))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("Operation not permitted");
            }
        }
        assertThatThrownBy(() -> Cgroups.open(kernel, Path.of("/no/such/cgroup")))
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith("cgroup /no/such/cgroup: openat failed with ENOENT");
    }

    @Test
    @SinceKernel("6.10")
    void shouldSeeWhatIsSentOnTheSocketsOfAMap() throws Exception {
        shouldSeeMessages(Sockmaps::attachLink);
    }

    @Test
    void shouldSeeWhatIsSentWithoutALink() throws Exception {
        shouldSeeMessages(Sockmaps::attachDirectly);
    }

    /** A way to attach. */
    private interface SockmapAttach {
        Attachment attach(Kernel kernel, Program program, BpfMap map);
    }

    private void shouldSeeMessages(SockmapAttach way) throws Exception {
        MapSpec sockets = MapSpec.named("SOCKETS", MapType.SOCKHASH)
                .key(IntegerLayout.U64)
                .value(IntegerLayout.U64)
                .maxEntries(16)
                .build();
        ObjectSpec counter = counter("on_message", ProgramType.SK_MSG, Optional.of(AttachType.SK_MSG_VERDICT), 1);
        ObjectSpec spec = new ObjectSpec(List.of(sockets, counter.map("COUNT")), counter.programs());
        try (LoadedObject object = LoadedObject.load(kernel, spec);
                SocketPair pair = SocketPair.connect()) {
            try (Attachment attachment = way.attach(kernel, object.program("on_message"), object.map("SOCKETS"))) {
                assertThat(Attachments.onSockmap(kernel, object.map("SOCKETS")))
                        .extracting(Attached::programName)
                        .containsExactly("on_message");
                var map = SocketMap.of(object.map("SOCKETS"), Codec.u64());
                assertThat(map.update(5L, pair.clientDescriptor(), UpdateMode.NO_EXIST))
                        .isTrue();
                assertThat(map.cookie(5L)).isPresent();
                assertThat(map.cookie(6L)).isEmpty();
                assertThat(pair.sendAndReceive("hello")).isEqualTo("hello");
                assertThat(count(object)).isEqualTo(1);
                attachment.replace(object.program("on_message"));
                assertThat(pair.sendAndReceive("again")).isEqualTo("again");
                assertThat(count(object)).isEqualTo(2);
                assertThat(map.delete(5L)).isTrue();
                assertThat(map.delete(5L)).isFalse();
            }
            assertThat(Attachments.onSockmap(kernel, object.map("SOCKETS"))).isEmpty();
        }
    }

    @Test
    void shouldSeeATracepoint() {
        ProgramSpec.Builder spec = ProgramSpec.named("on_exit", ProgramType.TRACING)
                .attachType(AttachType.TRACE_RAW_TP)
                .attachTarget("sched_process_exit")
                .code(counting(0).assemble());
        ObjectSpec object = TestPrograms.object(spec.build(), count());
        try (LoadedObject loaded = LoadedObject.load(kernel, object)) {
            try (Link link = Tracepoints.attach(kernel, loaded.program("on_exit"))) {
                assertThat(link.info().type()).isEqualTo(LinkType.RAW_TRACEPOINT);
                assertThat(link.info().target()).isEqualTo(new LinkInfo.Target.Tracepoint("sched_process_exit"));
                long before = count(loaded);
                Commands.run("true");
                assertThat(count(loaded)).isGreaterThan(before);
            }
        }
    }

    private LoadedObject load(ProgramSpec.Builder program) {
        return LoadedObject.load(kernel, TestPrograms.object(program.build()));
    }

    /** Connects from a process of the cgroup. */
    private static void connectFrom(TestCgroup cgroup, int port) {
        Commands.run(cgroup.command("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + port), "");
    }

    private static MapSpec count() {
        return MapSpec.named("COUNT", MapType.ARRAY)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(1)
                .build();
    }

    private static long count(LoadedObject object) {
        return TypedMap.of(object.map("COUNT"), Codec.u32(), Codec.u64())
                .lookup(0)
                .orElseThrow();
    }

    private static ObjectSpec counter(String name, ProgramType type, Optional<AttachType> attachType, int returnValue) {
        ProgramSpec.Builder program = TestPrograms.program(name, type, counting(returnValue));
        attachType.ifPresent(program::attachType);
        return TestPrograms.object(program.build(), count());
    }

    /** Adds one to the first element of COUNT and returns a constant. */
    private static Assembler counting(int returnValue) {
        Label out = Label.named("out");
        return new Assembler()
                .add(new StoreConstant(Size.U32, Register.R10, (short) -4, 0))
                .add(new Move(Width.BITS_64, Register.R2, Register.R10))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R2, -4))
                .add(new LoadMap(Register.R1, "COUNT"))
                .add(Helper.MAP_LOOKUP_ELEM.call())
                .jumpIf(Width.BITS_64, Condition.EQ, Register.R0, 0, out)
                .add(new MoveConstant(Width.BITS_64, Register.R1, 1))
                .add(new AtomicUpdate(Size.U64, AtomicOperation.ADD, Register.R0, (short) 0, Register.R1))
                .label(out)
                .add(new MoveConstant(Width.BITS_64, Register.R0, returnValue), new Exit());
    }
}
