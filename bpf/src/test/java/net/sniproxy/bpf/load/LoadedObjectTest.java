package net.sniproxy.bpf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction.AluConstant;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.CallHelper;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.Load;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.Move;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Instruction.Store;
import net.sniproxy.bpf.asm.Instruction.StoreConstant;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.bpf.program.RunStatistics;
import net.sniproxy.bpf.program.TestResult;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.program.VerifierLog;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.bpf.testing.TestPrograms;
import org.junit.jupiter.api.Test;

@KernelTest
class LoadedObjectTest {
    private static final int XDP_PASS = 2;
    private static final byte[] PACKET = new byte[64];

    private final Kernel kernel = Kernel.running();

    @Test
    void shouldRunAProgramThatCountsInItsMap() {
        try (LoadedObject object = LoadedObject.load(kernel, counter("COUNTERS", false))) {
            TypedMap<Integer, Long> counters = counters(object.map("COUNTERS"));
            // A signal in the middle makes the kernel begin anew.
            Eventually.holds(() -> {
                counters.update(0, 0L);
                TestResult result =
                        object.program("count").run(TestRun.onPacket(PACKET).withRepeat(1000));

                assertThat(result.returnValue()).isEqualTo(XDP_PASS);
                assertThat(result.data()).isEqualTo(PACKET);
                assertThat(counters.lookup(0)).contains(1000L);
            });
        }
    }

    @Test
    void shouldTellSizesAndRunTimesOfAProgram() {
        try (LoadedObject object = LoadedObject.load(kernel, counter("COUNTERS", false))) {
            Program program = object.program("count");
            try (RunStatistics _ = RunStatistics.enable(kernel)) {
                for (int i = 0; i < 50; i++) {
                    program.run(TestRun.onPacket(PACKET));
                }
            }
            ProgramInfo info = program.info();
            assertThat(info.name()).isEqualTo("count");
            assertThat(info.type()).isEqualTo(ProgramType.XDP.number());
            assertThat(info.jitedBytes()).isPositive();
            assertThat(info.instructions()).isGreaterThan(10);
            assertThat(info.verifiedInstructions()).isGreaterThan(10);
            assertThat(info.runCount()).isEqualTo(50);
            assertThat(info.runTimeNanos()).isPositive();

            // Not at once, perhaps: others on this machine may have statistics on too.
            Eventually.holds(() -> {
                long counted = program.info().runCount();
                program.run(TestRun.onPacket(PACKET));
                assertThat(program.info().runCount()).isEqualTo(counted);
            });
        }
    }

    @Test
    void shouldSeeWhatAProgramDidToThePacketAndItsContext() {
        Label out = Label.named("out");
        // The mark of the context becomes 7 and the first byte of the packet 0xAA.
        Assembler code = new Assembler()
                // Before Linux 6.3 constants cannot be stored into a context.
                .add(new MoveConstant(Width.BITS_64, Register.R2, 7))
                .add(new Store(Size.U32, Register.R1, (short) 8, Register.R2))
                .add(new Load(Size.U32, Register.R2, Register.R1, (short) 76))
                .add(new Load(Size.U32, Register.R3, Register.R1, (short) 80))
                .add(new Move(Width.BITS_64, Register.R4, Register.R2))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R4, 1))
                .add(new MoveConstant(Width.BITS_64, Register.R0, 3))
                .jumpIf(Width.BITS_64, Condition.GT, Register.R4, Register.R3, out)
                .add(new StoreConstant(Size.U8, Register.R2, (short) 0, 0xAA))
                .label(out)
                .add(new Exit());
        ObjectSpec spec = TestPrograms.object(
                TestPrograms.program("mark", ProgramType.SCHED_CLS, code).build());
        byte[] context = new byte[192];
        try (LoadedObject object = LoadedObject.load(kernel, spec)) {
            TestResult result =
                    object.program("mark").run(TestRun.onPacket(PACKET).withContext(context));

            assertThat(result.returnValue()).isEqualTo(3);
            assertThat(result.data()).startsWith(0xAA, 0, 0).hasSize(64);
            assertThat(result.context()[8]).isEqualTo((byte) 7);
            assertThat(result.nanosPerRun()).isNotNegative();
        }
    }

    @Test
    void shouldRefuseAPacketThatIsTooShort() {
        ObjectSpec spec = TestPrograms.object(
                TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS).build());
        try (LoadedObject object = LoadedObject.load(kernel, spec)) {
            assertThatThrownBy(() -> object.program("pass").run(TestRun.onPacket(new byte[13])))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith("program pass: BPF_PROG_TEST_RUN failed with EINVAL");
        }
    }

    @SinceKernel("6.10") // Since then the verifier names file and line.
    @Test
    void shouldShowTheJavaSourceInARejection() {
        Assembler code = new Assembler()
                .line("Filter.java", 41, 9, "int counter = ctx.mark;")
                .add(new MoveConstant(Width.BITS_64, Register.R2, 0))
                .line("Filter.java", 42, 9, "return map.lookup(key).count;")
                .add(new Load(Size.U64, Register.R0, Register.R2, (short) 0))
                .add(new Exit());
        ObjectSpec spec = TestPrograms.object(
                TestPrograms.program("broken", ProgramType.XDP, code).build());

        assertThatThrownBy(() -> LoadedObject.load(kernel, spec))
                .isInstanceOfSatisfying(VerifierException.class, failure -> {
                    assertThat(failure.object()).isEqualTo("program broken");
                    assertThat(failure.log()).contains("processed ");
                })
                .hasMessageContaining("; return map.lookup(key).count; @ Filter.java:42")
                .hasMessageContaining("R2 invalid mem access 'scalar'");
    }

    @Test
    void shouldGrowTheLogUntilItFits() {
        Assembler code = new Assembler().add(new MoveConstant(Width.BITS_64, Register.R0, 0));
        for (int i = 0; i < 4000; i++) {
            code.add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R0, i));
        }
        code.add(new Exit());
        ObjectSpec spec = TestPrograms.object(
                TestPrograms.program("long", ProgramType.XDP, code).build());
        LoadOptions options = LoadOptions.defaults().withVerifierLog(VerifierLog.FULL);
        try (LoadedObject object = LoadedObject.load(kernel, spec, options)) {
            String log = object.program("long").verifierLog();
            assertThat(log.length()).isGreaterThan(1 << 16);
            assertThat(log).contains("0: (b7) r0 = 0").contains("r0 += 3999").contains("processed 4002 insns");
        }
    }

    @Test
    void shouldLoadFunctionsThatCallEachOther() {
        FunctionSpec main = new FunctionSpec(
                "main",
                Prototype.ofProgram(ProgramType.XDP),
                new Assembler()
                        .line("Calls.java", 1, 1, "return two();")
                        .add(new CallFunction("two"), new Exit())
                        .assemble());
        FunctionSpec two = new FunctionSpec(
                "two",
                new Prototype(Optional.of(IntegerLayout.S32), List.of()),
                new Assembler()
                        .add(new MoveConstant(Width.BITS_64, Register.R0, XDP_PASS), new Exit())
                        .assemble());
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .function(main)
                .function(two)
                .build();
        try (LoadedObject object = LoadedObject.load(kernel, TestPrograms.object(program))) {
            assertThat(object.program("main").run(TestRun.onPacket(PACKET)).returnValue())
                    .isEqualTo(XDP_PASS);
            String dump = Commands.run(
                    "bpftool",
                    "prog",
                    "dump",
                    "xlated",
                    "id",
                    Integer.toString(object.program("main").info().id()),
                    "linum");
            assertThat(dump).contains("return two();").contains("s32 two():");
        }
    }

    @Test
    void shouldLoadATracepointByItsName() {
        ProgramSpec program = TestPrograms.returning("on_exit", ProgramType.TRACING, 0)
                .attachType(AttachType.TRACE_RAW_TP)
                .attachTarget("sched_process_exit")
                .build();
        try (LoadedObject object = LoadedObject.load(kernel, TestPrograms.object(program))) {
            assertThat(object.program("on_exit").info().type()).isEqualTo(ProgramType.TRACING.number());
        }
        ProgramSpec unknown = TestPrograms.returning("on_exit", ProgramType.TRACING, 0)
                .attachType(AttachType.TRACE_RAW_TP)
                .attachTarget("no_such_point")
                .build();
        assertThatThrownBy(() -> LoadedObject.load(kernel, TestPrograms.object(unknown)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("program on_exit: this kernel has no tracepoint no_such_point");
    }

    @Test
    void shouldAdoptAPinnedMapWithWhatIsInIt() {
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            LoadOptions options = LoadOptions.defaults().withPinDirectory(pins.root());
            try (LoadedObject first = LoadedObject.load(kernel, counter("COUNTERS", true), options)) {
                first.program("count").run(TestRun.onPacket(PACKET));
            }
            try (LoadedObject second = LoadedObject.load(kernel, counter("COUNTERS", true), options)) {
                second.program("count").run(TestRun.onPacket(PACKET));
                assertThat(counters(second.map("COUNTERS")).lookup(0)).contains(2L);
            }
            MapSpec larger = counters("COUNTERS", true).withMaxEntries(5);
            ObjectSpec other = new ObjectSpec(List.of(larger), List.of());
            assertThatThrownBy(() -> LoadedObject.load(kernel, other, options))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ARRAY of 1 entries of 4 + 8 bytes")
                    .hasMessageContaining("ARRAY of 5 entries of 4 + 8 bytes is wanted");
        }
    }

    @Test
    void shouldUseASharedMapAndLeaveItOpen() {
        try (BpfMap shared = BpfMap.create(kernel, counters("COUNTERS", false))) {
            LoadOptions options = LoadOptions.defaults().withSharedMap("COUNTERS", shared);
            try (LoadedObject object = LoadedObject.load(kernel, counter("COUNTERS", false), options)) {
                object.program("count").run(TestRun.onPacket(PACKET));
            }
            assertThat(counters(shared).lookup(0)).contains(1L);
        }
    }

    @Test
    void shouldPinAndOpenAProgram() {
        ObjectSpec spec = TestPrograms.object(
                TestPrograms.returning("pass", ProgramType.XDP, XDP_PASS).build());
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                LoadedObject object = LoadedObject.load(kernel, spec)) {
            object.program("pass").pin(pins.root().resolve("pass"));
            try (Program opened = Program.open(kernel, pins.root().resolve("pass"));
                    Program byId = Program.byId(kernel, opened.info().id())) {
                assertThat(byId.run(TestRun.onPacket(PACKET)).returnValue()).isEqualTo(XDP_PASS);
            }
            assertThatThrownBy(() -> BpfMap.open(kernel, pins.root().resolve("pass")))
                    .isInstanceOf(BpfException.class)
                    .hasMessageContaining("It is a bpf-prog, not a bpf-map.");
            assertThatThrownBy(() -> object.program("pass").pin(pins.root().resolve("pass")))
                    .isInstanceOfSatisfying(
                            BpfException.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Errno.EEXIST))
                    .hasMessageContaining("Something is pinned at this path");
            assertThatThrownBy(() -> object.program("pass").pin(Files.createTempFile("a", "b")))
                    .isInstanceOf(BpfException.class);
        }
    }

    @Test
    void shouldNameTheMapsAndProgramsThereAre() {
        try (LoadedObject object = LoadedObject.load(kernel, counter("COUNTERS", false))) {
            assertThat(object.maps()).containsOnlyKeys("COUNTERS");
            assertThat(object.programs()).containsOnlyKeys("count");
            assertThatThrownBy(() -> object.map("OTHER")).hasMessage("no map OTHER among [COUNTERS]");
            assertThatThrownBy(() -> object.program("other")).hasMessage("no program other among [count]");
        }
    }

    private static TypedMap<Integer, Long> counters(BpfMap map) {
        return TypedMap.of(map, Codec.u32(), Codec.u64());
    }

    private static MapSpec counters(String name, boolean pinned) {
        MapSpec.Builder spec = MapSpec.named(name, MapType.ARRAY)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(1);
        return (pinned ? spec.pinned() : spec).build();
    }

    /** An XDP program that adds one to the first element of its map for each packet. */
    private static ObjectSpec counter(String map, boolean pinned) {
        Label out = Label.named("out");
        Assembler code = new Assembler()
                .line("Counter.java", 10, 5, "Long counter = COUNTERS.lookup(0);")
                .add(new StoreConstant(Size.U32, Register.R10, (short) -4, 0))
                .add(new Move(Width.BITS_64, Register.R2, Register.R10))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R2, -4))
                .add(new LoadMap(Register.R1, map))
                .add(new CallHelper(Helper.MAP_LOOKUP_ELEM.number()))
                .line("Counter.java", 11, 5, "if (counter != null) counter++;")
                .jumpIf(Width.BITS_64, Condition.EQ, Register.R0, 0, out)
                .add(new Load(Size.U64, Register.R1, Register.R0, (short) 0))
                .add(new AluConstant(Width.BITS_64, AluOperation.ADD, Register.R1, 1))
                .add(new Store(Size.U64, Register.R0, (short) 0, Register.R1))
                .label(out)
                .line("Counter.java", 12, 5, "return XDP_PASS;")
                .add(new MoveConstant(Width.BITS_64, Register.R0, XDP_PASS), new Exit());
        return TestPrograms.object(
                TestPrograms.program("count", ProgramType.XDP, code).build(), counters(map, pinned));
    }
}
