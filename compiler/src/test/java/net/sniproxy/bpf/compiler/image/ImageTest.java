package net.sniproxy.bpf.compiler.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.asm.Instruction.CallFunction;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.LoadMapValue;
import net.sniproxy.bpf.asm.Instruction.LoadNamedFunction;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.sample.Idioms;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.PointerLayout;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapFlag;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageTest {
    static List<Image> images() {
        Map<String, Integer> files = Map.of("a/B", 1, "a/C", -2);
        ObjectSpec idioms = Compiler.compile(CompileOptions.defaults(), Idioms.class);
        ObjectSpec swapped =
                Compiler.compile(CompileOptions.defaults().withByteOrder(ByteOrder.BIG_ENDIAN), Idioms.class);
        return List.of(
                new Image(ByteOrder.LITTLE_ENDIAN, false, files, idioms),
                new Image(ByteOrder.BIG_ENDIAN, true, Map.of(), swapped),
                new Image(ByteOrder.LITTLE_ENDIAN, true, files, everything()));
    }

    @ParameterizedTest
    @MethodSource("images")
    void shouldReadWhatItWrote(Image image) {
        assertThat(Image.of(image.toBytes())).isEqualTo(image);
    }

    @ParameterizedTest
    @MethodSource("images")
    void shouldRefuseBytesThatEndTooEarly(Image image) {
        byte[] bytes = image.toBytes();
        for (int length = 0; length < bytes.length; length += 1 + length / 20) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Image.of(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldRefuseAnotherVersion() {
        byte[] bytes = images().getFirst().toBytes();
        bytes[7]++;

        assertThatThrownBy(() -> Image.of(bytes)).hasMessage("no image of version 2");
    }

    /** What the compiler never makes, but the toolkit can load. */
    private static ObjectSpec everything() {
        StructLayout struct = StructLayout.named("pair")
                .field("first", IntegerLayout.U16.inBigEndian())
                .field("second", new ArrayLayout(IntegerLayout.BOOL, 3))
                .build();
        MapSpec map = MapSpec.named("PAIRS", MapType.HASH)
                .key(IntegerLayout.S64)
                .value(struct)
                .maxEntries(7)
                .flag(MapFlag.NO_PREALLOC)
                .pinned()
                .build();
        Prototype prototype = new Prototype(
                Optional.empty(),
                List.of(
                        new Prototype.Parameter("pair", PointerLayout.to(struct)),
                        new Prototype.Parameter("any", PointerLayout.TO_VOID)));
        ProgramSpec program = ProgramSpec.named("traced", ProgramType.TRACING)
                .attachTarget("sock_recv_length")
                .license("MIT")
                .code(
                        new LoadMapValue(Register.R1, "PAIRS", 4),
                        new LoadNamedFunction(Register.R2, "other"),
                        new CallFunction("other"),
                        new Exit())
                .function(new FunctionSpec(
                        "other",
                        prototype,
                        List.of(new MoveConstant(Width.BITS_64, Register.R0, 0), new Exit()),
                        List.of()))
                .build();
        return new ObjectSpec(List.of(map), List.of(program));
    }
}
