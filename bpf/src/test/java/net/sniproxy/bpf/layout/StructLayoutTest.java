package net.sniproxy.bpf.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.sniproxy.bpf.testing.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StructLayoutTest {
    @Struct
    record Inner(byte a, int b, byte c) {}

    /** Padding before, inside and after; arrays; a struct inside. */
    @Struct("mixed")
    record Mixed(
            byte tag,
            long number,
            char port,
            @Unsigned short length,
            boolean open,
            Inner inner,
            @Length(3) short[] shorts,
            @Length(5) @Unsigned byte[] bytes,
            @BigEndian int address,
            @Length(2) long[] longs,
            byte last) {}

    @Struct
    static final class Counters {
        static final int NOT_A_MEMBER = 1;
        transient int notInTheKernel;

        @Unsigned
        long packets;

        @Unsigned
        int drops;

        final Inner inner = new Inner((byte) 0, 0, (byte) 0);
        byte state;
    }

    @TempDir
    Path directory;

    /** The rules of C are those of a C compiler. */
    @Test
    void shouldLayOutAsTheCompilerOfThisMachineDoes() throws IOException {
        StructLayout layout = StructLayout.of(Mixed.class);
        String members = layout.fields().stream()
                .map(field -> "offsetof(struct mixed, %s), sizeof(((struct mixed *)0)->%s)"
                        .formatted(field.name(), field.name()))
                .collect(Collectors.joining(", "));
        String source = """
                #include <stddef.h>
                #include <stdint.h>
                #include <stdio.h>
                struct inner { int8_t a; int32_t b; int8_t c; };
                struct mixed {
                  int8_t tag; int64_t number; uint16_t port; uint16_t length; _Bool open; struct inner inner;
                  int16_t shorts[3]; uint8_t bytes[5]; int32_t address; int64_t longs[2]; int8_t last;
                };
                int main(void) {
                  size_t numbers[] = { MEMBERS, sizeof(struct mixed), _Alignof(struct mixed) };
                  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) printf("%zu\\n", numbers[i]);
                }
                """.replace("MEMBERS", members);
        Path file = Files.writeString(directory.resolve("mixed.c"), source);
        String program = directory.resolve("mixed").toString();
        Commands.run("gcc", "-o", program, file.toString());

        List<Integer> compiled =
                Commands.run(program).lines().map(Integer::valueOf).toList();

        List<Integer> ours = layout.fields().stream()
                .<Integer>mapMulti((field, add) -> {
                    add.accept(field.offset());
                    add.accept(field.size());
                })
                .collect(Collectors.toList());
        ours.addAll(List.of(layout.size(), layout.alignment()));
        assertThat(ours).isEqualTo(compiled);
    }

    @Test
    void shouldTakeTheFieldsOfAClassInTheOrderOfTheSource() {
        StructLayout layout = StructLayout.of(Counters.class);

        assertThat(layout.name()).isEqualTo("counters");
        assertThat(layout.fields())
                .extracting(StructField::name, StructField::offset)
                .containsExactly(tuple("packets", 0), tuple("drops", 8), tuple("inner", 12), tuple("state", 24));
        assertThat(layout.size()).isEqualTo(32);
        assertThat(layout.field("packets").layout()).isEqualTo(IntegerLayout.U64);
    }

    /** Reflection promises no order; the compiler for kernel programs reads the class file, so both must agree. */
    @Test
    void shouldHaveTheOrderOfTheClassFile() throws IOException {
        ClassModel model;
        try (var stream = Counters.class.getResourceAsStream("StructLayoutTest$Counters.class")) {
            model = ClassFile.of().parse(stream.readAllBytes());
        }
        List<String> inClassFile = model.fields().stream()
                .map(field -> field.fieldName().stringValue())
                .toList();

        assertThat(inClassFile)
                .containsSubsequence(StructLayout.of(Counters.class).fields().stream()
                        .map(StructField::name)
                        .toList());
    }

    @Test
    void shouldKnowSignednessAndByteOrder() {
        StructLayout layout = StructLayout.of(Mixed.class);

        assertThat(layout.name()).isEqualTo("mixed");
        assertThat(layout.field("tag").layout()).isEqualTo(IntegerLayout.S8);
        assertThat(layout.field("port").layout()).isEqualTo(IntegerLayout.U16);
        assertThat(layout.field("length").layout()).isEqualTo(IntegerLayout.U16);
        assertThat(layout.field("open").layout()).isEqualTo(IntegerLayout.BOOL);
        assertThat(layout.field("bytes").layout()).isEqualTo(new ArrayLayout(IntegerLayout.U8, 5));
        assertThat(layout.field("address").layout())
                .isEqualTo(new IntegerLayout("__be32", 4, IntegerLayout.Kind.SIGNED, true));
        assertThat(layout.field("inner").layout()).isEqualTo(StructLayout.of(Inner.class));
    }

    record NoStruct(int a) {}

    @Struct
    record NoLength(int[] a) {}

    @Struct
    record NoArray(@Length(2) int a) {}

    @Struct
    record Floating(double a) {}

    @Struct
    record UnsignedStruct(@Unsigned Inner a) {}

    @Struct
    record OfString(String a) {}

    @Struct
    record Empty() {}

    @Struct
    record EmptyArray(@Length(0) int[] a) {}

    @Struct
    static class Replaceable {
        Inner inner = new Inner((byte) 0, 0, (byte) 0);
    }

    @Struct
    static class Extending extends Replaceable {
        int a;
    }

    static List<Arguments> wrong() {
        return List.of(
                Arguments.of(NoStruct.class, "is no struct: annotate it with @Struct"),
                Arguments.of(NoLength.class, "NoLength.a: an array needs @Length"),
                Arguments.of(NoArray.class, "NoArray.a: @Length is for arrays"),
                Arguments.of(Floating.class, "Floating.a: kernel programs know no double"),
                Arguments.of(UnsignedStruct.class, "UnsignedStruct.a: @Unsigned and @BigEndian are for integers"),
                Arguments.of(OfString.class, "OfString.a: java.lang.String is no struct"),
                Arguments.of(Empty.class, "struct empty has no members"),
                Arguments.of(EmptyArray.class, "EmptyArray.a: an array has at least one element, not 0"),
                Arguments.of(
                        Replaceable.class, "Replaceable.inner: an embedded struct or array of structs must be final"),
                Arguments.of(Extending.class, "a struct is a record or extends nothing"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldSayWhatCannotBeAStruct(Class<?> type, String message) {
        assertThatThrownBy(() -> StructLayout.of(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseTwoMembersOfOneNameAndUnknownOnes() {
        StructLayout.Builder builder = StructLayout.named("pair").field("a", IntegerLayout.U8);

        assertThatThrownBy(() -> builder.field("a", IntegerLayout.U8)).hasMessage("struct pair has two members a");
        assertThatThrownBy(() -> builder.build().field("b")).hasMessage("struct pair has no member b: [a]");
    }
}
