package net.sniproxy.bpf.asm;

import static net.sniproxy.bpf.asm.Register.R1;
import static net.sniproxy.bpf.asm.Register.R2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.CallHelper;
import net.sniproxy.bpf.asm.Instruction.CallLocal;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.LoadFunction;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptor;
import net.sniproxy.bpf.asm.Instruction.LoadMapDescriptorValue;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodeTest {
    private static final List<Instruction> NAMING = List.of(
            new LoadMap(R1, "A"),
            new LoadMapValue(R2, "B", 8),
            new LoadNamedFunction(R1, "f"),
            new CallFunction("g"),
            new LoadMap(R1, "A"),
            new Exit());

    static List<InstructionTable.Row> instructions() {
        return InstructionTable.ROWS;
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void shouldGiveTheInstructionAndTheBytesOfBothOrders(InstructionTable.Row row) {
        List<Instruction> instructions = List.of(row.instruction(), new Exit());
        Code code = Code.of(instructions);

        assertThat(code.instructions()).isEqualTo(instructions);
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            assertThat(code.encode(order)).isEqualTo(InstructionEncoder.encode(instructions, order));
        }
        assertThat(Code.of(code.packed(), code.names())).isEqualTo(code).hasSameHashCodeAs(code);
    }

    @Test
    void shouldKeepNames() {
        Code code = Code.of(NAMING);

        assertThat(code.instructions()).isEqualTo(NAMING);
        assertThat(code.names()).isEqualTo(Map.of(0, "A", 2, "B", 4, "f", 6, "g", 7, "A"));
        assertThat(code.mapNames()).containsExactly("A", "B");
        assertThat(code).isNotEqualTo(Code.of(code.packed(), Map.of(0, "A")));
    }

    @Test
    void shouldFillInFunctionsAndMapsAtTheirSlots() {
        Code linked = Code.of(NAMING).withFunctions((function, slot) -> (function.equals("f") ? 100 : -100) - slot);
        Code loaded = linked.withMaps(map -> map.equals("A") ? 5 : 6);

        assertThat(linked.mapNames()).containsExactly("A", "B");
        assertThat(loaded.names()).isEmpty();
        assertThat(loaded.instructions())
                .containsExactly(
                        new LoadMapDescriptor(R1, 5),
                        new LoadMapDescriptorValue(R2, 6, 8),
                        new LoadFunction(R1, 96),
                        new CallLocal(-106),
                        new LoadMapDescriptor(R1, 5),
                        new Exit());
    }

    @Test
    void shouldMoveNamesWithWhatStandsBeforeThem() {
        Code joined = Code.join(List.of(Code.of(List.of(new Exit())), Code.of(NAMING), Code.of(NAMING)));

        assertThat(joined.slots()).isEqualTo(1 + 10 + 10);
        assertThat(joined.instructions())
                .startsWith(new Exit(), new LoadMap(R1, "A"))
                .endsWith(new LoadMap(R1, "A"), new Exit());
        assertThat(joined.names()).containsEntry(3, "B").containsEntry(13, "B").hasSize(10);
    }

    @Test
    void shouldNotEncodeWhatIsStillNamed() {
        assertThatThrownBy(() -> Code.of(NAMING).withFunctions((_, _) -> 0).encode(ByteOrder.nativeOrder()))
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessage("slot 0 has no encoding before A is resolved");
    }

    @Test
    void shouldRefuseNamesWhereNothingRefersToOne() {
        Code code = Code.of(List.of(new CallHelper(1), new Exit()));

        assertThatThrownBy(() -> Code.of(code.packed(), Map.of(2, "A"))).hasMessage("a name for slot 2 of 2");
        assertThatThrownBy(() -> Code.of(code.packed(), Map.of(1, "A")).instructions())
                .hasMessage("exit cannot refer to A");
    }
}
