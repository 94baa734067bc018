package net.sniproxy.bpf.spec;

import static net.sniproxy.bpf.asm.Register.R0;
import static net.sniproxy.bpf.asm.Register.R1;
import static net.sniproxy.bpf.asm.Register.R2;
import static net.sniproxy.bpf.asm.Width.BITS_64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.asm.BpfAssemblyException;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.layout.IntegerLayout;
import org.junit.jupiter.api.Test;

class SpecTest {
    private static final Prototype INT_TO_INT =
            new Prototype(Optional.of(IntegerLayout.S32), List.of(new Prototype.Parameter("x", IntegerLayout.S32)));

    private static final MapSpec CONFIG = MapSpec.named("CONFIG", MapType.ARRAY)
            .key(IntegerLayout.U32)
            .value(IntegerLayout.U64)
            .maxEntries(4)
            .build();

    @Test
    void shouldLinkFunctionsOneAfterTheOther() {
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .function(function("main", new LoadMap(R1, "CONFIG"), new CallFunction("second"), new Exit()))
                .function(function("first", new LoadNamedFunction(R2, "second"), new CallFunction("first"), new Exit()))
                .function(function("second", new MoveConstant(BITS_64, R0, 0), new Exit()))
                .build();

        LinkedProgram linked = program.link();

        assertThat(Disassembler.listing(linked.instructions())).isEqualTo("""
                        0: r1 = map[CONFIG]
                        2: call pc+5
                        3: exit
                        4: r2 = subprog[+3]
                        6: call pc-3
                        7: exit
                        8: r0 = 0
                        9: exit
                        """);
        assertThat(linked.functions())
                .extracting(LinkedProgram.FunctionStart::slot)
                .containsExactly(0, 4, 8);
        assertThat(linked.lines()).containsExactly(line(0, "main"), line(4, "first"), line(8, "second"));
        assertThat(linked.code().mapNames()).containsExactly("CONFIG");
    }

    @Test
    void shouldPutDescriptorsInThePlaceOfMapNames() {
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .code(new LoadMap(R1, "A"), new LoadMapValue(R2, "B", 8), new Exit())
                .build();

        Code resolved = program.link().code().withMaps(name -> name.equals("A") ? 5 : 6);

        assertThat(resolved.instructions())
                .containsExactly(
                        new Instruction.LoadMapDescriptor(R1, 5),
                        new Instruction.LoadMapDescriptorValue(R2, 6, 8),
                        new Exit());
    }

    @Test
    void shouldNameTheFunctionThatIsMissing() {
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .code(new CallFunction("helper"), new Exit())
                .build();

        assertThatThrownBy(program::link)
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessage("program main calls helper, which is not among its functions [main]");
    }

    @Test
    void shouldNameTheMapThatIsMissing() {
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .code(new LoadMap(R1, "FLOWS"), new Exit())
                .build();

        assertThatThrownBy(() -> new ObjectSpec(List.of(CONFIG), List.of(program)))
                .hasMessage("program main uses map FLOWS, which is not in this object");
    }

    @Test
    void shouldRefuseTwoOfOneName() {
        assertThatThrownBy(() -> new ObjectSpec(List.of(CONFIG, CONFIG), List.of()))
                .hasMessage("two maps of one object are named CONFIG");
        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .function(function("main", new Exit()))
                .function(function("main", new Exit()))
                .build();
        assertThatThrownBy(program::link).hasMessage("program main has two functions main");
    }

    @Test
    void shouldKnowFlagsWithoutWhichTheKernelRefusesAMap() {
        MapSpec storage = MapSpec.named("STORAGE", MapType.SK_STORAGE)
                .key(IntegerLayout.S32)
                .value(IntegerLayout.U64)
                .build();

        assertThat(storage.flagBits()).isEqualTo(1);
        assertThat(CONFIG.flagBits()).isZero();
        assertThat(CONFIG.keySize()).isEqualTo(4);
        assertThat(CONFIG.valueSize()).isEqualTo(8);
    }

    @Test
    void shouldRefuseMapsThatCannotBe() {
        assertThatThrownBy(() ->
                        MapSpec.named("M", MapType.HASH).key(IntegerLayout.U32).build())
                .hasMessage("map M: HASH needs a key and a value type");
        assertThatThrownBy(() -> MapSpec.named("M", MapType.RINGBUF)
                        .key(IntegerLayout.U32)
                        .maxEntries(4096)
                        .build())
                .hasMessage("map M: RINGBUF has neither keys nor values");
        assertThatThrownBy(() -> MapSpec.named("M", MapType.LPM_TRIE)
                        .key(IntegerLayout.U64)
                        .value(IntegerLayout.U8)
                        .build())
                .hasMessageStartingWith("map M: the key of an LPM_TRIE is a struct");
        assertThatThrownBy(() -> CONFIG.withMaxEntries(-1)).hasMessage("map CONFIG: -1 entries");
        assertThatThrownBy(() -> CONFIG.withName("my map"))
                .hasMessage("\"my map\" cannot be the name of a map: letters, digits and _ only");
    }

    @Test
    void shouldRefuseTracingWithoutATarget() {
        ProgramSpec.Builder tracing =
                ProgramSpec.named("trace", ProgramType.TRACING).code(new Exit());

        assertThatThrownBy(tracing::build).hasMessage("program trace: TRACING needs an attach target");
        assertThatThrownBy(() -> ProgramSpec.named("filter", ProgramType.XDP)
                        .code(new Exit())
                        .attachTarget("tcp_v4_rcv")
                        .build())
                .hasMessage("program filter: XDP has no attach target");
    }

    @Test
    void shouldGiveEachFunctionALineIfOneHasLines() {
        FunctionSpec late = new FunctionSpec(
                "late", INT_TO_INT, List.of(new MoveConstant(BITS_64, R0, 0), new Exit()), List.of(line(1, "return")));
        FunctionSpec without = new FunctionSpec("without", INT_TO_INT, List.of(new Exit()), List.of());

        ProgramSpec program = ProgramSpec.named("main", ProgramType.XDP)
                .function(late)
                .function(without)
                .build();
        ProgramSpec none =
                ProgramSpec.named("main", ProgramType.XDP).function(without).build();

        assertThat(program.link().lines())
                .containsExactly(
                        new SourceLine(0, "", 0, 0, "late"), line(1, "return"), new SourceLine(2, "", 0, 0, "without"));
        assertThat(none.link().lines()).isEmpty();
    }

    @Test
    void shouldRefuseLinesThatDoNotFitTheCode() {
        List<Instruction> code = List.of(new MoveConstant(BITS_64, R0, 0), new Exit());

        assertThatThrownBy(() -> new FunctionSpec("f", INT_TO_INT, code, List.of(line(1, "b"), line(1, "a"))))
                .hasMessageStartingWith("function f: slots of source lines must ascend");
        assertThatThrownBy(() -> new FunctionSpec("f", INT_TO_INT, code, List.of(line(2, "after"))))
                .hasMessageStartingWith("function f ends before its last source line");
    }

    private static FunctionSpec function(String name, Instruction... instructions) {
        return new FunctionSpec(name, INT_TO_INT, List.of(instructions), List.of(line(0, name)));
    }

    private static SourceLine line(int slot, String text) {
        return new SourceLine(slot, "Main.java", 1, 1, text);
    }
}
