package net.sniproxy.bpf.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class CodecTest {
    @Struct
    record Address(@BigEndian @Unsigned int ip, @BigEndian char port) {}

    @Struct
    record Key(
            byte tag,
            Address address,
            @Length(3) short[] parts,
            boolean open,
            @Unsigned byte small,
            long big) {}

    @Struct
    static final class Counters {
        @Unsigned
        private long packets;

        private boolean seen;
        private final Last last = new Last();
        private final @Length(2) int[] sizes = new int[2];
    }

    @Struct
    static final class Last {
        private int time;
    }

    @Struct
    record Positive(int value) {
        Positive {
            if (value < 0) {
                throw new IllegalArgumentException(value + " is negative");
            }
        }
    }

    @Struct
    static final class NoConstructor {
        int value;

        NoConstructor(int value) {
            this.value = value;
        }
    }

    private final MemorySegment memory = MemorySegment.ofArray(new byte[128]).fill((byte) 0xee);

    @Test
    void shouldWriteEveryByteOfARecordAndZeroItsPadding() {
        Codec<Key> codec = Codec.of(Key.class);
        Key key = new Key((byte) -2, new Address(0x0a000001, (char) 443), new short[] {1, -2, 3}, true, (byte) 200, -5);

        codec.write(memory, 8, key);

        byte[] expected = new byte[32];
        MemorySegment words = MemorySegment.ofArray(expected);
        expected[0] = (byte) 0xfe;
        words.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 4, 0x0a000001);
        words.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 8, (short) 443);
        words.set(ValueLayout.JAVA_SHORT_UNALIGNED, 12, (short) 1);
        words.set(ValueLayout.JAVA_SHORT_UNALIGNED, 14, (short) -2);
        words.set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, (short) 3);
        expected[18] = 1;
        expected[19] = (byte) 200;
        words.set(ValueLayout.JAVA_LONG_UNALIGNED, 24, -5L);
        assertThat(codec.layout().size()).isEqualTo(32);
        assertThat(memory.asSlice(8, 32).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 0xee);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 40)).isEqualTo((byte) 0xee);
    }

    @Test
    void shouldReadWhatItWrote() {
        Codec<Key> codec = Codec.of(Key.class);
        Key key = new Key((byte) 7, new Address(-1, (char) 65535), new short[] {-1, 0, 1}, true, (byte) -1, 1L << 63);

        codec.write(memory, 1, key);
        Key read = codec.read(memory, 1);

        assertThat(read).usingRecursiveComparison().isEqualTo(key);
    }

    @Test
    void shouldFillMutableClassesAndWhatIsEmbeddedInThem() {
        Codec<Counters> codec = Codec.of(Counters.class);
        Counters counters = new Counters();
        counters.packets = 5;
        counters.seen = true;
        counters.last.time = -9;
        counters.sizes[1] = 77;

        codec.write(memory, 0, counters);
        Counters read = codec.read(memory, 0);

        assertThat(read).usingRecursiveComparison().isEqualTo(counters);
        assertThat(codec.layout().size()).isEqualTo(24);
    }

    @Test
    void shouldGiveSingleMembersAsNumbersOfTheirType() {
        StructLayout layout = StructLayout.of(Key.class);
        Codec.of(Key.class)
                .write(
                        memory,
                        8,
                        new Key((byte) -2, new Address(-2, (char) 80), new short[] {1, -2, 3}, false, (byte) 200, -5));

        assertThat(layout.field("tag").getLong(memory, 8)).isEqualTo(-2);
        assertThat(layout.field("small").getInt(memory, 8)).isEqualTo(200);
        assertThat(layout.field("big").getLong(memory, 8)).isEqualTo(-5);
        assertThat(layout.field("parts").getElement(memory, 8, 1)).isEqualTo(-2);
        StructField address = layout.field("address");
        StructLayout ofAddress = (StructLayout) address.layout();
        assertThat(ofAddress.field("ip").getLong(memory, 8 + address.offset())).isEqualTo(0xffff_fffeL);
        assertThat(ofAddress.field("port").getInt(address.slice(memory, 8), 0)).isEqualTo(80);
    }

    @Test
    void shouldWriteSingleMembersAndNothingElse() {
        StructLayout layout = StructLayout.of(Key.class);

        layout.field("tag").set(memory, 0, 300);
        layout.field("parts").setElement(memory, 0, 2, -1);

        assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 44);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 0xee);
        assertThat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 16)).isEqualTo((short) -1);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 15)).isEqualTo((byte) 0xee);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 18)).isEqualTo((byte) 0xee);
    }

    @Test
    void shouldRefuseAccessOfTheWrongKindOrOutside() {
        StructLayout layout = StructLayout.of(Key.class);

        assertThatThrownBy(() -> layout.field("parts").getLong(memory, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("member parts is no integer");
        assertThatThrownBy(() -> layout.field("tag").getElement(memory, 0, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("member tag is no array of integers");
        assertThatThrownBy(() -> layout.field("parts").getElement(memory, 0, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> layout.field("big").getLong(memory, 120))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Codec.of(Key.class).read(memory, 100)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseArraysOfAnotherLength() {
        Key key = new Key((byte) 0, new Address(0, 'x'), new short[2], true, (byte) 0, 0);

        assertThatThrownBy(() -> Codec.of(Key.class).write(memory, 0, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an array of 2 elements where the struct has 3");
        assertThatThrownBy(() -> Codec.bytes(IntegerLayout.U32).write(memory, 0, new byte[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 bytes for a layout of 4");
    }

    @Test
    void shouldSayWhyARecordRefusesWhatIsInMemory() {
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, -4);

        assertThatThrownBy(() -> Codec.of(Positive.class).read(memory, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("struct positive refuses what is in memory")
                .hasMessageContaining("-4 is negative");
        assertThatThrownBy(() -> Codec.of(NoConstructor.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a constructor without parameters");
    }

    @Test
    void shouldReadAndWriteScalarsInNativeMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment outside = arena.allocate(16);
            Codec.u32().write(outside, 4, -7);
            Codec.u64().write(outside, 8, 1L << 50);

            assertThat(Codec.u32().read(outside, 4)).isEqualTo(-7);
            assertThat(Codec.u64().read(outside, 8)).isEqualTo(1L << 50);
            assertThat(Codec.bytes(IntegerLayout.U32).read(outside, 0)).containsOnly(0);
        }
    }
}
