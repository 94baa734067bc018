package net.sniproxy.bpf.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.LoadMap;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import net.sniproxy.bpf.asm.Instruction.Symbolic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstructionCodingTest {
    private static final HexFormat HEX = HexFormat.of();

    static List<InstructionTable.Row> rows() {
        return InstructionTable.ROWS;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldEncodeDecodeAndWriteEveryInstruction(InstructionTable.Row row) {
        byte[] bytes = InstructionEncoder.encode(List.of(row.instruction()), ByteOrder.LITTLE_ENDIAN);

        assertThat(HEX.formatHex(bytes)).isEqualTo(row.bytes());
        assertThat(bytes).hasSize(8 * row.instruction().slots());
        assertThat(InstructionDecoder.decode(bytes, ByteOrder.LITTLE_ENDIAN)).containsExactly(row.instruction());
        assertThat(Disassembler.text(row.instruction())).isEqualTo(row.text());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldSwapFieldsAndRegistersForBigEndianMachines(InstructionTable.Row row) {
        byte[] bytes = InstructionEncoder.encode(List.of(row.instruction()), ByteOrder.BIG_ENDIAN);

        assertThat(bytes).isEqualTo(swapped(HEX.parseHex(row.bytes())));
        assertThat(InstructionDecoder.decode(bytes, ByteOrder.BIG_ENDIAN)).containsExactly(row.instruction());
    }

    /** Register nibbles, offset and immediate of each slot in the other order. */
    private static byte[] swapped(byte[] code) {
        byte[] swapped = code.clone();
        for (int slot = 0; slot < code.length; slot += 8) {
            swapped[slot + 1] = (byte) ((code[slot + 1] & 0xf) << 4 | code[slot + 1] >> 4 & 0xf);
            for (int i = 0; i < 2; i++) {
                swapped[slot + 2 + i] = code[slot + 3 - i];
            }
            for (int i = 0; i < 4; i++) {
                swapped[slot + 4 + i] = code[slot + 7 - i];
            }
        }
        return swapped;
    }

    @Test
    void shouldHaveARowForEveryKindOfInstruction() {
        Set<Class<?>> kinds = new HashSet<>();
        collectRecords(Instruction.class, kinds);
        Set<Class<?>> inTable = new HashSet<>();
        InstructionTable.ROWS.forEach(row -> inTable.add(row.instruction().getClass()));

        kinds.removeIf(Symbolic.class::isAssignableFrom);

        assertThat(inTable).isEqualTo(kinds);
    }

    private static void collectRecords(Class<?> type, Set<Class<?>> found) {
        if (type.isRecord()) {
            found.add(type);
        } else {
            Stream.of(type.getPermittedSubclasses()).forEach(permitted -> collectRecords(permitted, found));
        }
    }

    @Test
    void shouldWriteNamesOfWhatIsNotResolvedYet() {
        assertThat(Disassembler.text(new LoadMap(Register.R1, "FLOWS"))).isEqualTo("r1 = map[FLOWS]");
        assertThat(Disassembler.text(new LoadMapValue(Register.R1, "CONFIG", 8)))
                .isEqualTo("r1 = map[CONFIG][0]+8");
        assertThat(Disassembler.text(new LoadNamedFunction(Register.R2, "body")))
                .isEqualTo("r2 = subprog[body]");
        assertThat(Disassembler.text(new CallFunction("hash"))).isEqualTo("call hash");
    }

    @Test
    void shouldRefuseToEncodeWhatIsNotResolvedYet() {
        assertThatThrownBy(() ->
                        InstructionEncoder.encode(List.of(new LoadMap(Register.R1, "FLOWS")), ByteOrder.LITTLE_ENDIAN))
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessage("r1 = map[FLOWS] has no encoding before FLOWS is resolved");
    }

    @Test
    void shouldListSlotsOfWideLoads() {
        List<Instruction> program = List.of(
                new Instruction.LoadConstant(Register.R1, 1),
                new Instruction.MoveConstant(Width.BITS_64, Register.R0, 0),
                new Instruction.Exit());

        assertThat(Disassembler.listing(program)).isEqualTo("0: r1 = 0x1\n2: r0 = 0\n3: exit\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "b7000000000000", // seven bytes
                "1801000088776655", // the second half is missing
                "180100008877665518010000887766ff", // the second half is no second half
                "b70b000000000000", // r11
                "b710000001000000", // a constant and a source
                "b700010001000000", // a constant and an offset
                "0f21000001000000", // a register and a constant
                "0f21020000000000", // += with offset 2
                "d402000008000000", // 8 bits of byte order
                "bf21070000000000", // sign extension from 7 bits
                "bc21200000000000", // sign extension from 32 bits to 32
                "9921000000000000", // sign-extending load of 64 bits
                "d321000000000000", // atomic of 8 bits
                "db210000f0000000", // compare and exchange without fetch
                "3800000000000000", // packet load of 64 bits
                "8530000000000000", // unknown kind of call
                "1870000000000000" + "0000000000000000", // unknown kind of wide load
                "ffffffffffffffff",
                "9500000000000001", // exit with a constant
            })
    void shouldRefuseWhatIsNoInstruction(String hex) {
        assertThatThrownBy(() -> InstructionDecoder.decode(HEX.parseHex(hex), ByteOrder.LITTLE_ENDIAN))
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessageMatching("(slot 0 \\(code 0x.*\\): .+)|(a program is made of 8-byte slots.*)");
    }

    @Test
    void shouldNameTheSlotThatIsWrong() {
        byte[] program = HEX.parseHex("1801000088776655" + "0000000044332211" + "b70b000000000000");

        assertThatThrownBy(() -> InstructionDecoder.decode(program, ByteOrder.LITTLE_ENDIAN))
                .hasMessageStartingWith("slot 2 ")
                .hasMessageEndingWith("no register r11: eBPF has r0 to r10");
    }

    /** Whatever is decoded is all that was there: it encodes to the same bytes. */
    @Test
    void shouldDecodeRandomBytesExactlyOrNotAtAll() {
        Random random = new Random(42);
        int decoded = 0;
        int refused = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] code = randomCode(random);
            ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
            try {
                List<Instruction> instructions = InstructionDecoder.decode(code, order);
                if (!Arrays.equals(InstructionEncoder.encode(instructions, order), code)) {
                    fail(HEX.formatHex(code) + " was decoded to " + Disassembler.listing(instructions));
                }
                decoded++;
            } catch (BpfAssemblyException expected) {
                refused++;
            }
        }
        assertThat(decoded).isGreaterThan(5_000);
        assertThat(refused).isGreaterThan(5_000);
    }

    /** A valid instruction with a few bits changed: wholly random bytes hardly ever decode. */
    private static byte[] randomCode(Random random) {
        List<InstructionTable.Row> rows = InstructionTable.ROWS;
        byte[] code = HEX.parseHex(rows.get(random.nextInt(rows.size())).bytes());
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            code[random.nextInt(code.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(code, random.nextInt(code.length) + 1) : code;
    }
}
