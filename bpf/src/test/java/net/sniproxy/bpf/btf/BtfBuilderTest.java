package net.sniproxy.bpf.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.sniproxy.bpf.btf.BtfType.*;
import net.sniproxy.bpf.layout.BigEndian;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.layout.Unsigned;
import org.junit.jupiter.api.Test;

class BtfBuilderTest {
    @Struct
    record Endpoint(
            @BigEndian @Unsigned int address, @BigEndian char port) {}

    @Struct("flow")
    record Flow(
            Endpoint client,
            Endpoint upstream,
            @Unsigned long bytes,
            @Length(3) int[] times,
            boolean open) {}

    /** One of each kind; a type refers to earlier ones only. */
    private static final List<BtfType> ONE_OF_EACH = List.of(
            new Int("int", 4, Encoding.SIGNED),
            new Int("flag", 1, Encoding.BOOL, 1),
            new Pointer(1),
            new Array(1, 1, 7),
            new BtfType.Struct(
                    "s", 8, List.of(new Member("a", 1, 0, 3), new Member("b", 1, 3, 29), new Member("c", 1, 32, 0))),
            new Union("u", 8, List.of(new Member("", 5, 0, 0), new Member("p", 3, 0, 0))),
            new Enumeration("e", 4, true, List.of(new Enumerator("LOW", -1), new Enumerator("HIGH", 1))),
            new Enumeration("wide", 8, false, List.of(new Enumerator("ALL", -1), new Enumerator("BIT", 1L << 40))),
            new Forward("task_struct", false),
            new Forward("later", true),
            new Typedef("number", 1),
            new Volatile(11),
            new Const(12),
            new Restrict(3),
            new FunctionPrototype(1, List.of(new Parameter("x", 11), new Parameter("", 0))),
            new Function("f", 15, Linkage.GLOBAL),
            new Variable("v", 13, Linkage.STATIC),
            new DataSection(".data", 4, List.of(new SectionVariable(17, 0, 4))),
            new BtfType.Float("double", 8),
            new DeclarationTag("tag", 5, 1),
            new TypeTag("user", 1));

    private static BtfBuilder oneOfEach() {
        BtfBuilder builder = new BtfBuilder();
        for (int i = 0; i < ONE_OF_EACH.size(); i++) {
            assertThat(builder.add(ONE_OF_EACH.get(i))).isEqualTo(i + 1);
        }
        return builder;
    }

    @Test
    void shouldReadBackEveryKindInEitherByteOrder() {
        Btf built = oneOfEach().build();

        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            Btf read = Btf.parse(built.encode(order));
            assertThat(read.lastId()).isEqualTo(ONE_OF_EACH.size());
            for (int id = 1; id <= read.lastId(); id++) {
                assertThat(read.type(id)).isEqualTo(ONE_OF_EACH.get(id - 1));
            }
            assertThat(read.encode(order)).isEqualTo(built.encode(order));
        }
    }

    @Test
    void shouldHaveAKindOfTypeForEachRecord() {
        assertThat(ONE_OF_EACH.stream().map(Object::getClass).distinct().count())
                .isEqualTo(records(BtfType.class).distinct().count());
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Stream.of(type.getPermittedSubclasses()).flatMap(BtfBuilderTest::records);
    }

    @Test
    void shouldAddNothingTwice() {
        BtfBuilder builder = oneOfEach();
        byte[] before = builder.build().encode(ByteOrder.LITTLE_ENDIAN);

        ONE_OF_EACH.forEach(builder::add);

        assertThat(builder.build().encode(ByteOrder.LITTLE_ENDIAN)).isEqualTo(before);
        assertThat(builder.string("int")).isEqualTo(builder.string("int"));
    }

    @Test
    void shouldDescribeLayoutsByTheirMembers() {
        BtfBuilder builder = new BtfBuilder();

        int id = LayoutTypes.add(builder, StructLayout.of(Flow.class));

        Btf btf = Btf.parse(builder.build().encode(ByteOrder.BIG_ENDIAN));
        assertThat(LayoutTypes.add(builder, StructLayout.of(Flow.class))).isEqualTo(id);
        assertThat(btf.structId("flow")).contains(id);
        assertThat(btf.sizeOf(id)).isEqualTo(40);
        assertThat(btf.field("flow", "client.port").offset()).isEqualTo(4);
        assertThat(btf.field("flow", "upstream.address").offset()).isEqualTo(8);
        assertThat(btf.field("flow", "bytes").offset()).isEqualTo(16);
        assertThat(btf.sizeOf(btf.field("flow", "times").type())).isEqualTo(12);
        assertThat(integer(btf, "open")).isEqualTo(new Int("_Bool", 1, Encoding.BOOL));
        assertThat(integer(btf, "bytes")).isEqualTo(new Int("unsigned long long", 8, Encoding.UNSIGNED));
        assertThat(btf.typedefId("u64")).contains(btf.field("flow", "bytes").type());
    }

    private static BtfType integer(Btf btf, String member) {
        return btf.type(btf.resolve(btf.field("flow", member).type()));
    }

    @Test
    void shouldFindMembersInsideOfMembersWithoutAName() {
        Btf btf = oneOfEach().build();

        assertThat(btf.field(6, "c")).isEqualTo(new BtfField(32, 0, 1));
        assertThat(btf.field(6, "b")).isEqualTo(new BtfField(3, 29, 1));
        assertThat(btf.resolve(13)).isEqualTo(1);
    }

    @Test
    void shouldRefuseUnknownIdsAndKeepWhatItHad() {
        BtfBuilder builder = oneOfEach();
        byte[] before = builder.build().encode(ByteOrder.LITTLE_ENDIAN);

        assertThatThrownBy(() -> builder.add(new BtfType.Struct("bad", 4, List.of(new Member("m", 99, 0, 0)))))
                .isInstanceOf(BtfException.class)
                .hasMessage("there is no type 99 yet, only 0 to 21");

        byte[] after = builder.build().encode(ByteOrder.LITTLE_ENDIAN);
        assertThat(Btf.parse(after).lastId()).isEqualTo(Btf.parse(before).lastId());
    }

    @Test
    void shouldRefuseMoreMembersThanTheFormatHasPlaceFor() {
        List<Enumerator> values = Collections.nCopies(65_536, new Enumerator("V", 0));

        assertThatThrownBy(() -> new BtfBuilder().add(new Enumeration("big", 4, false, values)))
                .isInstanceOf(BtfException.class)
                .hasMessageContaining("65536 members");
    }

    @Test
    void shouldRefuseACircleOfTypedefs() {
        byte[] bytes = new BtfBuilder().build().encode(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer circle = ByteBuffer.allocate(bytes.length + 24).order(ByteOrder.LITTLE_ENDIAN);
        circle.put(bytes, 0, 24)
                .putInt(0)
                .putInt(9 << 24)
                .putInt(2)
                .putInt(0)
                .putInt(9 << 24)
                .putInt(1);
        circle.put((byte) 0).putInt(12, 24).putInt(16, 24);
        Btf btf = Btf.parse(circle.array());

        assertThatThrownBy(() -> btf.resolve(1))
                .isInstanceOf(BtfException.class)
                .hasMessage("type 1 refers to itself");
        assertThatThrownBy(() -> btf.sizeOf(2)).isInstanceOf(BtfException.class);
        assertThatThrownBy(() -> btf.field(1, "x")).isInstanceOf(BtfException.class);
    }

    @Test
    void shouldRefuseEveryTruncation() {
        byte[] bytes = oneOfEach().build().encode(ByteOrder.LITTLE_ENDIAN);

        for (int length = 0; length < bytes.length; length++) {
            byte[] truncated = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Btf.parse(truncated)).isInstanceOf(BtfException.class);
        }
    }

    /** Any use of corrupt types ends with an answer or with a {@link BtfException}, and nothing else. */
    @Test
    void shouldSurviveCorruptBytes() {
        byte[] bytes = oneOfEach().build().encode(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(42);
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] corrupt = bytes.clone();
            for (int flips = random.nextInt(6); flips >= 0; flips--) {
                corrupt[random.nextInt(corrupt.length)] = (byte) random.nextInt();
            }
            refused += use(corrupt);
        }
        assertThat(refused).isGreaterThan(1000);
    }

    /** How often something was refused. */
    private static int use(byte[] bytes) {
        Btf btf;
        try {
            btf = Btf.parse(bytes);
        } catch (BtfException e) {
            return 1;
        }
        List<Runnable> uses = new ArrayList<>();
        for (int id = 0; id <= btf.lastId() + 1; id++) {
            int each = id;
            uses.addAll(List.of(
                    () -> btf.type(each),
                    () -> btf.resolve(each),
                    () -> btf.sizeOf(each),
                    () -> btf.field(each, "c.x"),
                    () -> btf.string(each)));
        }
        uses.add(() -> btf.structId("s"));
        uses.add(() -> btf.functionId("f"));
        int refused = 0;
        for (Runnable use : uses) {
            try {
                use.run();
            } catch (BtfException e) {
                refused = 1;
            }
        }
        return refused;
    }
}
