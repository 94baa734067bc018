package net.sniproxy.bpf.elf;

import static net.sniproxy.bpf.asm.Register.R0;
import static net.sniproxy.bpf.asm.Register.R1;
import static net.sniproxy.bpf.asm.Register.R10;
import static net.sniproxy.bpf.asm.Register.R2;
import static net.sniproxy.bpf.asm.Width.BITS_64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.AtomicOperation;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Helper;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.*;
import net.sniproxy.bpf.asm.InstructionDecoder;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfType;
import net.sniproxy.bpf.layout.BigEndian;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectFileTest {
    @Struct
    record FlowKey(
            @BigEndian @Unsigned int source,
            @BigEndian char port,
            @Length(6) @Unsigned byte[] mac) {}

    @Struct
    record PrefixKey(
            @Unsigned int prefixLength, @Length(4) @Unsigned byte[] address) {}

    @Struct
    record Counters(@Unsigned long packets, boolean seen, Position last) {}

    @Struct
    record Position(int x, short y) {}

    @TempDir
    Path directory;

    @KernelTest
    @Test
    void shouldBeLoadedByLibbpf() throws IOException {
        Path file = write(object(), ByteOrder.nativeOrder());
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Path maps = pins.root().resolve("maps");

            Commands.run(
                    "bpftool", "prog", "loadall", file.toString(), programs.toString(), "pinmaps", maps.toString());

            assertThat(names(programs))
                    .containsExactlyInAnyOrder(
                            "count", "verdict", "first", "second", "operations", "retransmitted", "connect");
            assertThat(names(maps)).containsExactlyInAnyOrder("FLOWS", "SOCKETS", "EVENTS", "PREFIXES");
            assertThat(Commands.run(
                            "bpftool",
                            "prog",
                            "show",
                            "pinned",
                            programs.resolve("verdict").toString()))
                    .contains(": sk_msg  name verdict", "gpl");
            assertThat(Commands.run(
                            "bpftool",
                            "prog",
                            "show",
                            "pinned",
                            programs.resolve("count").toString()))
                    .contains(": xdp  name count");
        }
    }

    @KernelTest
    @Test
    void shouldShowSourceLinesAndFunctionsInTheKernel() throws IOException {
        Path file = write(object(), ByteOrder.nativeOrder());
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Commands.run("bpftool", "prog", "loadall", file.toString(), programs.toString());

            String dump = Commands.run(
                    "bpftool",
                    "prog",
                    "dump",
                    "xlated",
                    "pinned",
                    programs.resolve("count").toString(),
                    "linum");

            assertThat(dump)
                    .contains("s32 count(struct xdp_md * ctx):")
                    .contains("; counters.packets++; [file:Count.java line_num:12 line_col:9]")
                    .contains("s32 twice(s32 x):")
                    .contains("; return 2 * x; [file:Count.java line_num:20 line_col:5]");
        }
    }

    @KernelTest
    @Test
    void shouldDumpMapsWithTheNamesOfTheirMembers() throws IOException {
        Path file = write(object(), ByteOrder.nativeOrder());
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Path maps = pins.root().resolve("maps");
            Commands.run(
                    "bpftool", "prog", "loadall", file.toString(), programs.toString(), "pinmaps", maps.toString());
            String map = maps.resolve("FLOWS").toString();
            String update = "bpftool map update pinned " + map
                    + " key hex 0a 00 00 01 01 bb 01 02 03 04 05 06"
                    + " value hex 05 00 00 00 00 00 00 00 01 00 00 00 fe ff ff ff ff ff 00 00 00 00 00 00";
            Commands.run(update.split(" "));

            String dump = Commands.run("bpftool", "map", "dump", "pinned", map).replaceAll("\\s", "");

            assertThat(dump)
                    .isEqualTo("[{\"key\":{\"source\":16777226,\"port\":47873,\"mac\":[1,2,3,4,5,6]},"
                            + "\"value\":{\"packets\":5,\"seen\":true,\"last\":{\"x\":-2,\"y\":-1}}}]");
        }
    }

    @KernelTest
    @Test
    void shouldKeepAGlobalFunctionOnceForAllProgramsThatCallIt() throws IOException {
        FunctionSpec twice = twice().checkedApart();
        ObjectSpec object = new ObjectSpec(
                List.of(),
                List.of(
                        caller("first").function(twice).build(),
                        caller("second").function(twice).build()));
        Path file = write(object, ByteOrder.nativeOrder());

        assertThat(Commands.run("readelf", "-sW", file.toString()))
                .containsOnlyOnce(" twice")
                .containsPattern("FUNC +GLOBAL +DEFAULT +1 twice");
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Commands.run("bpftool", "prog", "loadall", file.toString(), programs.toString());
            assertThat(names(programs)).containsExactlyInAnyOrder("first", "second");
            assertThat(Commands.run(
                            "bpftool",
                            "prog",
                            "dump",
                            "xlated",
                            "pinned",
                            programs.resolve("second").toString()))
                    .contains("s32 second(", "s32 twice(s32 x):");
        }
    }

    @Test
    void shouldRefuseTwoGlobalFunctionsOfOneName() {
        FunctionSpec constant = new FunctionSpec(
                        "twice", twice().prototype(), List.of(new MoveConstant(BITS_64, R0, 2), new Exit()), List.of())
                .checkedApart();
        ObjectSpec object = new ObjectSpec(
                List.of(),
                List.of(
                        caller("first").function(twice().checkedApart()).build(),
                        caller("second").function(constant).build()));

        assertThatThrownBy(() -> ObjectFile.write(object, ByteOrder.LITTLE_ENDIAN))
                .hasMessage("two programs have different global functions twice, but a global symbol stands once in an"
                        + " object file: rename one");
    }

    @Test
    void shouldHaveTheStructureThatReadelfKnowsInEitherByteOrder() throws IOException {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            Path file = write(object(), order);

            String header = Commands.run("readelf", "-hW", file.toString());
            String all = Commands.run("readelf", "-SsrW", file.toString());

            String expected = order == ByteOrder.BIG_ENDIAN ? "big endian" : "little endian";
            assertThat(header).contains("2's complement, " + expected, "REL (Relocatable file)", "Linux BPF");
            assertThat(all)
                    .containsPattern("tp_btf/tcp_retransmit_skb +PROGBITS")
                    .containsPattern("\\.maps +PROGBITS")
                    .containsPattern("FUNC +LOCAL +DEFAULT +1 twice")
                    .containsPattern("FUNC +GLOBAL +DEFAULT +\\d+ count")
                    .containsPattern("OBJECT +GLOBAL +DEFAULT +\\d+ FLOWS")
                    .containsPattern("R_BPF_INSN_64 +0{16} FLOWS")
                    .containsPattern("R_BPF_INSN_DISP32 +0{16} twice")
                    .doesNotContain("Warning", "Error");
        }
    }

    @Test
    void shouldHoldTheSameCodeAndTypesInEitherByteOrder() {
        ParsedElf little = ParsedElf.parse(ObjectFile.write(object(), ByteOrder.LITTLE_ENDIAN));
        ParsedElf big = ParsedElf.parse(ObjectFile.write(object(), ByteOrder.BIG_ENDIAN));

        assertThat(big.sections().keySet()).isEqualTo(little.sections().keySet());
        for (String code : List.of(".text", "xdp", "sk_msg", "tc", "sockops", "cgroup/connect4")) {
            List<Instruction> decoded =
                    InstructionDecoder.decode(little.sections().get(code), ByteOrder.LITTLE_ENDIAN);
            assertThat(InstructionDecoder.decode(big.sections().get(code), ByteOrder.BIG_ENDIAN))
                    .isEqualTo(decoded)
                    .isNotEmpty();
        }
        Btf types = Btf.parse(big.sections().get(".BTF"));
        assertThat(types.encode(ByteOrder.LITTLE_ENDIAN))
                .isEqualTo(little.sections().get(".BTF"));
        assertThat(types.type(types.lastId())).isInstanceOf(BtfType.class);
        assertThat(big.sections().get(".BTF.ext"))
                .hasSameSizeAs(little.sections().get(".BTF.ext"))
                .startsWith(0xeb, 0x9f, 1, 0, 0, 0, 0, 24);
        assertThat(big.symbols()).isEqualTo(little.symbols());
    }

    @Test
    void shouldWriteTheSameBytesForTheSameObject() {
        assertThat(ObjectFile.write(object(), ByteOrder.BIG_ENDIAN))
                .isEqualTo(ObjectFile.write(object(), ByteOrder.BIG_ENDIAN));
    }

    @Test
    void shouldRefuseTwoLicenses() {
        ObjectSpec object = new ObjectSpec(
                List.of(),
                List.of(
                        constant("one", ProgramType.XDP).build(),
                        constant("two", ProgramType.XDP).license("MIT").build()));

        assertThatThrownBy(() -> ObjectFile.write(object, ByteOrder.LITTLE_ENDIAN))
                .hasMessage("an object file has one license, but its programs have [GPL, MIT]");
    }

    @Test
    void shouldRefuseAnAttachmentWithoutASection() {
        ObjectSpec object = new ObjectSpec(
                List.of(), List.of(constant("one", ProgramType.CGROUP_SOCK_ADDR).build()));

        assertThatThrownBy(() -> ObjectFile.write(object, ByteOrder.LITTLE_ENDIAN))
                .hasMessage("program one: no ELF section for CGROUP_SOCK_ADDR attached to nothing");
    }

    @Test
    void shouldRefuseTheAddressOfAMapValue() {
        MapSpec map = MapSpec.named("CONFIG", MapType.ARRAY)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(1)
                .build();
        ProgramSpec program = ProgramSpec.named("one", ProgramType.XDP)
                .code(new LoadMapValue(R1, "CONFIG", 0), new MoveConstant(BITS_64, R0, 0), new Exit())
                .build();

        assertThatThrownBy(
                        () -> ObjectFile.write(new ObjectSpec(List.of(map), List.of(program)), ByteOrder.LITTLE_ENDIAN))
                .hasMessageContaining("the address of a value of map CONFIG cannot be loaded from an object file");
    }

    private Path write(ObjectSpec object, ByteOrder order) throws IOException {
        return Files.write(directory.resolve("object.o"), ObjectFile.write(object, order));
    }

    private static List<String> names(Path parent) throws IOException {
        try (var children = Files.list(parent)) {
            return children.map(child -> child.getFileName().toString()).toList();
        }
    }

    private static ObjectSpec object() {
        return new ObjectSpec(
                List.of(
                        MapSpec.named("FLOWS", MapType.HASH)
                                .key(StructLayout.of(FlowKey.class))
                                .value(StructLayout.of(Counters.class))
                                .maxEntries(16)
                                .build(),
                        MapSpec.named("SOCKETS", MapType.SOCKHASH)
                                .key(IntegerLayout.U64)
                                .value(IntegerLayout.U32)
                                .maxEntries(16)
                                .build(),
                        MapSpec.named("EVENTS", MapType.RINGBUF)
                                .maxEntries(4096)
                                .build(),
                        MapSpec.named("PREFIXES", MapType.LPM_TRIE)
                                .key(StructLayout.of(PrefixKey.class))
                                .value(IntegerLayout.U32)
                                .maxEntries(16)
                                .build()),
                List.of(
                        count(),
                        constant("verdict", ProgramType.SK_MSG).build(),
                        constant("first", ProgramType.SCHED_CLS).build(),
                        constant("second", ProgramType.SCHED_CLS).build(),
                        constant("operations", ProgramType.SOCK_OPS).build(),
                        constant("retransmitted", ProgramType.TRACING)
                                .attachType(AttachType.TRACE_RAW_TP)
                                .attachTarget("tcp_retransmit_skb")
                                .build(),
                        constant("connect", ProgramType.CGROUP_SOCK_ADDR)
                                .attachType(AttachType.CGROUP_INET4_CONNECT)
                                .build()));
    }

    private static ProgramSpec.Builder constant(String name, ProgramType type) {
        int result = type == ProgramType.TRACING ? 0 : 1;
        return ProgramSpec.named(name, type).code(new MoveConstant(BITS_64, R0, result), new Exit());
    }

    /** Looks a flow up, counts, and calls another function. */
    private static ProgramSpec count() {
        Label out = Label.named("out");
        Assembler count = new Assembler()
                .line("Count.java", 10, 5, "Counters counters = FLOWS.lookup(key);")
                .add(
                        new StoreConstant(Size.U64, R10, (short) -16, 0),
                        new StoreConstant(Size.U64, R10, (short) -8, 0),
                        new Move(BITS_64, R2, R10),
                        new AluConstant(BITS_64, AluOperation.ADD, R2, -16),
                        new LoadMap(R1, "FLOWS"),
                        Helper.MAP_LOOKUP_ELEM.call())
                .jumpIf(BITS_64, Condition.EQ, R0, 0, out)
                .line("Count.java", 12, 9, "counters.packets++;")
                .add(
                        new MoveConstant(BITS_64, R1, 1),
                        new AtomicUpdate(Size.U64, AtomicOperation.ADD, R0, (short) 0, R1))
                .label(out)
                .line("Count.java", 14, 5, "return twice(1);")
                .add(new MoveConstant(BITS_64, R1, 1), new CallFunction("twice"), new Exit());
        return ProgramSpec.named("count", ProgramType.XDP)
                .code(count.assemble())
                .function(twice())
                .build();
    }

    private static ProgramSpec.Builder caller(String name) {
        return ProgramSpec.named(name, ProgramType.XDP)
                .code(new MoveConstant(BITS_64, R1, 1), new CallFunction("twice"), new Exit());
    }

    private static FunctionSpec twice() {
        Assembler twice = new Assembler()
                .line("Count.java", 20, 5, "return 2 * x;")
                .add(new Move(BITS_64, R0, R1), new AluRegister(BITS_64, AluOperation.ADD, R0, R1), new Exit());
        Prototype prototype =
                new Prototype(Optional.of(IntegerLayout.S32), List.of(new Prototype.Parameter("x", IntegerLayout.S32)));
        return new FunctionSpec("twice", prototype, twice.assemble());
    }
}
