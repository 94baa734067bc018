package net.sniproxy.bpf.asm;

import static net.sniproxy.bpf.asm.Register.R0;
import static net.sniproxy.bpf.asm.Register.R1;
import static net.sniproxy.bpf.asm.Register.R10;
import static net.sniproxy.bpf.asm.Register.R2;
import static net.sniproxy.bpf.asm.Register.R3;
import static net.sniproxy.bpf.asm.Register.R4;
import static net.sniproxy.bpf.asm.Register.R6;
import static net.sniproxy.bpf.asm.Register.R7;
import static net.sniproxy.bpf.asm.Width.BITS_32;
import static net.sniproxy.bpf.asm.Width.BITS_64;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sniproxy.bpf.asm.Instruction.*;
import net.sniproxy.bpf.elf.ObjectFile;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel is asked to read our instructions, and to write them in its notation. */
@KernelTest
class KernelNotationTest {
    private static final short SLOT = -8;

    /** {@code 12: (bf) r6 = r1    ; R1=ctx()}, or the same after the registers that the verifier wrote first. */
    private static final Pattern LOG_LINE = Pattern.compile("(?:^|: )(\\d+): \\([0-9a-f]{2}\\) (.*?)(?:\\s+;.*)?$");

    private static final Pattern DUMP_LINE = Pattern.compile("^\\s*(\\d+): \\([0-9a-f]{2}\\) (.*)$");

    @TempDir
    Path directory;

    @SinceKernel("6.15") // Loads that acquire, stores that release.
    @Test
    void shouldWriteInstructionsAsTheVerifierDoes() throws IOException {
        ProgramSpec program = ProgramSpec.named("every", ProgramType.SCHED_CLS)
                .function(function("every", everyInstruction()))
                .function(function("callee", List.of(new Move(BITS_64, R0, R1), new Exit())))
                .build();

        Map<Integer, String> log = load(program).log();

        int slot = 0;
        for (Instruction instruction : program.link().instructions()) {
            String written = log.get(slot);
            if (instruction instanceof LoadMap) {
                assertThat(written).startsWith("r1 = 0x");
            } else {
                assertThat(written).isEqualTo(Disassembler.text(instruction));
            }
            slot += instruction.slots();
        }
        assertThat(log).hasSize(program.link().instructions().size());
    }

    /** The old bpftool does not know the newest instructions, so that they are not in this program. */
    @Test
    void shouldDecodeWhatTheKernelMadeOfAProgram() throws IOException {
        ProgramSpec program = ProgramSpec.named("older", ProgramType.SCHED_CLS)
                .function(function("older", olderInstructions()))
                .build();

        Loaded loaded = load(program);

        List<Instruction> decoded = InstructionDecoder.decode(loaded.translated(), ByteOrder.nativeOrder());
        assertThat(InstructionEncoder.encode(decoded, ByteOrder.nativeOrder())).isEqualTo(loaded.translated());
        Map<Integer, String> ours = new TreeMap<>();
        int slot = 0;
        for (Instruction instruction : decoded) {
            // bpftool prints ids of maps and names of kernel functions, which are not in the instructions.
            String text = Disassembler.text(instruction).replace("map[fd:", "map[id:");
            ours.put(slot, text.replaceFirst("call unknown#", "call "));
            slot += instruction.slots();
        }
        Map<Integer, String> theirs = new TreeMap<>();
        loaded.dump().forEach((at, text) -> theirs.put(at, text.replaceFirst("call [a-zA-Z_0-9]+#", "call ")));
        assertThat(ours).isEqualTo(theirs);
        assertThat(ours).hasSizeGreaterThan(program.link().instructions().size());
    }

    private record Loaded(Map<Integer, String> log, Map<Integer, String> dump, byte[] translated) {}

    private Loaded load(ProgramSpec program) throws IOException {
        MapSpec map = MapSpec.named("VALUES", MapType.ARRAY)
                .key(IntegerLayout.U32)
                .value(IntegerLayout.U64)
                .maxEntries(1)
                .build();
        ObjectSpec object = new ObjectSpec(List.of(map), List.of(program));
        Path file = directory.resolve("object.o");
        Path translated = directory.resolve("translated");
        Files.write(file, ObjectFile.write(object, ByteOrder.nativeOrder()));
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            String pin = pins.root().resolve("program").toString();
            String log = Commands.run("bpftool", "-d", "prog", "load", file.toString(), pin);
            String dump = Commands.run("bpftool", "prog", "dump", "xlated", "pinned", pin);
            Commands.run("bpftool", "prog", "dump", "xlated", "pinned", pin, "file", translated.toString());
            return new Loaded(
                    instructions(LOG_LINE, log), instructions(DUMP_LINE, dump), Files.readAllBytes(translated));
        }
    }

    /** Text by slot: the verifier may come by a slot several times. */
    private static Map<Integer, String> instructions(Pattern pattern, String output) {
        Map<Integer, String> instructions = new TreeMap<>();
        for (String line : output.lines().toList()) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                instructions.putIfAbsent(
                        Integer.valueOf(matcher.group(1)), matcher.group(2).strip());
            }
        }
        return instructions;
    }

    private static FunctionSpec function(String name, List<Instruction> instructions) {
        Prototype prototype = name.equals("callee")
                ? new Prototype(
                        Optional.of(IntegerLayout.S32), List.of(new Prototype.Parameter("value", IntegerLayout.S32)))
                : Prototype.ofProgram(ProgramType.SCHED_CLS);
        return new FunctionSpec(name, prototype, instructions, List.of());
    }

    /** Every kind of instruction that a program for traffic control may have, each in all its variants. */
    private static List<Instruction> everyInstruction() {
        List<Instruction> all = new ArrayList<>(prologue());
        for (AluOperation operation : AluOperation.values()) {
            all.addAll(arithmetic(operation));
        }
        all.add(new MoveSigned(BITS_64, Size.U32, R4, R2));
        for (Size size : List.of(Size.U8, Size.U16)) {
            all.addAll(List.of(new MoveSigned(BITS_32, size, R4, R2), new MoveSigned(BITS_64, size, R4, R2)));
        }
        for (Size size : List.of(Size.U16, Size.U32, Size.U64)) {
            all.addAll(byteOrders(size));
            all.add(new ByteSwap(size, R2));
        }
        for (Size size : Size.values()) {
            all.addAll(memory(size));
            all.addAll(List.of(new LoadAcquire(size, R4, R10, SLOT), new StoreRelease(size, R10, SLOT, R3)));
        }
        for (Size size : List.of(Size.U8, Size.U16, Size.U32)) {
            all.add(new LoadSigned(size, R4, R10, SLOT));
        }
        all.addAll(atomics());
        all.addAll(jumps());
        all.addAll(List.of(new LongJump(0), new MayGoto((short) 0)));
        all.addAll(callsAndPacketLoads());
        all.addAll(List.of(new MoveConstant(BITS_64, R1, 5), new CallFunction("callee")));
        all.addAll(List.of(new MoveConstant(BITS_64, R0, 0), new Exit()));
        return all;
    }

    private static List<Instruction> olderInstructions() {
        List<Instruction> all = new ArrayList<>(prologue());
        for (AluOperation operation : AluOperation.values()) {
            if (operation != AluOperation.SIGNED_DIV && operation != AluOperation.SIGNED_MOD) {
                all.addAll(arithmetic(operation));
            }
        }
        byteOrders(Size.U32).forEach(all::add);
        for (Size size : Size.values()) {
            all.addAll(memory(size));
        }
        all.addAll(atomics());
        all.addAll(jumps());
        all.addAll(callsAndPacketLoads());
        all.addAll(List.of(new MoveConstant(BITS_64, R0, 0), new Exit()));
        return all;
    }

    private static List<Instruction> prologue() {
        return List.of(
                new MoveConstant(BITS_64, R0, 0),
                new MoveConstant(BITS_64, R2, 7),
                new Move(BITS_64, R6, R1),
                new Move(BITS_32, R3, R2),
                new Move(BITS_64, R4, R3),
                new StoreConstant(Size.U64, R10, SLOT, -1),
                new LoadConstant(R2, 0x1122334455667788L),
                new Negate(BITS_64, R2),
                new Negate(BITS_32, R2));
    }

    private static List<Instruction> arithmetic(AluOperation operation) {
        return List.of(
                new AluConstant(BITS_32, operation, R2, 3),
                new AluRegister(BITS_32, operation, R2, R3),
                new AluConstant(BITS_64, operation, R2, 3),
                new AluRegister(BITS_64, operation, R2, R3));
    }

    private static List<Instruction> byteOrders(Size size) {
        return List.of(
                new ToByteOrder(ByteOrder.BIG_ENDIAN, size, R2), new ToByteOrder(ByteOrder.LITTLE_ENDIAN, size, R2));
    }

    private static List<Instruction> memory(Size size) {
        return List.of(
                new StoreConstant(size, R10, SLOT, -1), new Store(size, R10, SLOT, R3), new Load(size, R4, R10, SLOT));
    }

    private static List<Instruction> atomics() {
        List<Instruction> atomics = new ArrayList<>();
        for (Size size : List.of(Size.U32, Size.U64)) {
            for (AtomicOperation operation : AtomicOperation.values()) {
                atomics.add(new AtomicUpdate(size, operation, R10, SLOT, R3));
                atomics.add(new AtomicFetch(size, operation, R10, SLOT, R3));
            }
            atomics.add(new AtomicExchange(size, R10, SLOT, R3));
            atomics.add(new AtomicCompareExchange(size, R10, SLOT, R3));
        }
        return atomics;
    }

    /** To the next instruction: the verifier sees both ways, and nothing changes. */
    private static List<Instruction> jumps() {
        List<Instruction> jumps = new ArrayList<>();
        for (Condition condition : Condition.values()) {
            for (Width width : Width.values()) {
                jumps.add(new JumpIfConstant(width, condition, R3, -5, (short) 0));
                jumps.add(new JumpIf(width, condition, R3, R4, (short) 0));
            }
        }
        jumps.add(new Jump((short) 0));
        return jumps;
    }

    private static List<Instruction> callsAndPacketLoads() {
        return List.of(
                new LoadMap(R1, "VALUES"),
                Helper.KTIME_GET_NS.call(),
                new LoadPacketAbsolute(Size.U16, 12),
                new MoveConstant(BITS_64, R7, 3),
                new LoadPacketIndirect(Size.U8, R7, 1));
    }
}
