package net.sniproxy.bpf.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The types of the running kernel. */
@KernelTest
class KernelBtfTest {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

    private static Btf kernel;

    @BeforeAll
    static void read() throws IOException {
        kernel = Btf.read(VMLINUX);
    }

    @Test
    void shouldReadEveryTypeAsBpftoolDoes() {
        String dump = Commands.run("bpftool", "btf", "dump", "file", VMLINUX.toString(), "format", "raw");
        BtfText text = new BtfText(kernel);
        String[] types = dump.split("\n(?=\\[)");

        assertThat(kernel.lastId()).isEqualTo(types.length).isGreaterThan(10_000);
        for (int id = 1; id <= kernel.lastId(); id++) {
            // A plain comparison first: a fluent one for each of more than a hundred thousand types takes seconds.
            String expected = types[id - 1].stripTrailing();
            if (!text.text(id).equals(expected)) {
                assertThat(text.text(id)).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldWriteTheSameBytesAgain() throws IOException {
        assertThat(kernel.encode(ByteOrder.nativeOrder())).isEqualTo(Files.readAllBytes(VMLINUX));
    }

    @Test
    void shouldReadTheSameTypesInTheOtherByteOrder() {
        ByteOrder other =
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Btf swapped = Btf.parse(kernel.encode(other));

        assertThat(swapped.lastId()).isEqualTo(kernel.lastId());
        for (int id = 1; id <= kernel.lastId(); id += 97) {
            assertThat(swapped.type(id)).isEqualTo(kernel.type(id));
        }
    }

    /** Offsets that are part of protocols, so that every kernel has them. */
    @ParameterizedTest
    @CsvSource({
        "tcphdr, dest, 2",
        "tcphdr, window, 14",
        "iphdr, saddr, 12",
        "iphdr, addrs.daddr, 16",
        "ipv6hdr, daddr, 24",
        "ethhdr, h_proto, 12",
        "__sk_buff, data_end, 80",
        "xdp_md, data_end, 4"
    })
    void shouldFindMembersOfStructsWhoseShapeIsFixed(String struct, String path, int offset) {
        assertThat(kernel.field(struct, path).offset()).isEqualTo(offset);
    }

    @Test
    void shouldFindBitFields() {
        BtfField syn = kernel.field("tcphdr", "syn");

        assertThat(syn.isBitField()).isTrue();
        assertThat(syn.bitSize()).isEqualTo(1);
        assertThat(syn.bitOffset() / 8).isEqualTo(13);
        assertThatThrownBy(syn::offset)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has no offset in bytes");
    }

    @Test
    void shouldFindMembersOfMembersWithoutAName() {
        assertThat(describe(kernel.field("sk_buff", "dev"))).isEqualTo("net_device");
        assertThat(describe(kernel.field("sk_buff", "dev_scratch"))).isEqualTo("long unsigned int");
    }

    /** Name of the type, or of the type that it points to. */
    private static String describe(BtfField field) {
        BtfType type = kernel.type(kernel.resolve(field.type()));
        if (type instanceof BtfType.Pointer(int target)) {
            type = kernel.type(kernel.resolve(target));
        }
        return ((BtfType.Named) type).name();
    }

    @Test
    void shouldFindFunctionsAndTracepoints() {
        int function = kernel.functionId("tcp_sendmsg").orElseThrow();
        int tracepoint = kernel.tracepointId("tcp_retransmit_skb").orElseThrow();

        assertThat(kernel.type(function)).isInstanceOfSatisfying(BtfType.Function.class, found -> {
            assertThat(found.name()).isEqualTo("tcp_sendmsg");
            assertThat(((BtfType.FunctionPrototype) kernel.type(found.prototype())).parameters())
                    .extracting(BtfType.Parameter::name)
                    .containsExactly("sk", "msg", "size");
        });
        assertThat(kernel.type(tracepoint)).isInstanceOf(BtfType.Typedef.class);
        assertThat(kernel.type(kernel.resolve(tracepoint))).isInstanceOf(BtfType.Pointer.class);
    }

    @Test
    void shouldKnowSizesAndTypedefs() {
        assertThat(kernel.sizeOf(kernel.structId("iphdr").orElseThrow())).isEqualTo(20);
        assertThat(kernel.sizeOf(kernel.typedefId("__be16").orElseThrow())).isEqualTo(2);
        assertThat(kernel.sizeOf(kernel.structId("in6_addr").orElseThrow())).isEqualTo(16);
        assertThat(kernel.type(kernel.resolve(kernel.typedefId("u32").orElseThrow())))
                .isEqualTo(new BtfType.Int("unsigned int", 4, BtfType.Encoding.UNSIGNED));
    }

    @Test
    void shouldSayWhatIsMissing() {
        assertThat(kernel.functionId("no_such_function")).isEmpty();
        assertThatThrownBy(() -> kernel.field("no_such_struct", "member"))
                .isInstanceOf(BtfException.class)
                .hasMessageStartingWith("this BTF has no struct no_such_struct");
        assertThatThrownBy(() -> kernel.field("iphdr", "no_such_member"))
                .isInstanceOf(BtfException.class)
                .hasMessage("struct iphdr has no member no_such_member");
        assertThat(kernel.unionId("iphdr")).isEmpty();
    }
}
