package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.compiler.sample.Listed;
import net.sniproxy.bpf.spec.ObjectSpec;
import org.junit.jupiter.api.Test;

/** The code of a few idioms, so that a change of the compiler shows what it changes. */
class ListingsTest {
    private static String listing(CompileOptions options, String program) {
        ObjectSpec object = Compiler.compile(options, Listed.class);
        return Disassembler.listing(
                object.program(program).functions().getFirst().instructions());
    }

    private static String listing(String program) {
        return listing(CompileOptions.defaults().withByteOrder(ByteOrder.LITTLE_ENDIAN), program);
    }

    @Test
    void shouldCompareInNetworkOrderWithoutSwapping() {
        assertThat(listing("ether_type")).isEqualTo("""
                0: r2 = *(u32 *)(r1 +0)
                1: r1 = *(u32 *)(r1 +4)
                2: r0 = r2
                3: r0 += 14
                4: if r0 > r1 goto pc+2
                5: r0 = *(u16 *)(r2 +12)
                6: if w0 == 0x8 goto pc+2
                7: w0 = 2
                8: exit
                9: w0 = 1
                10: exit
                """);
    }

    @Test
    void shouldCompareInPlaceOnABigEndianMachine() {
        assertThat(listing(CompileOptions.defaults().withByteOrder(ByteOrder.BIG_ENDIAN), "ether_type"))
                .contains("== 0x800")
                .doesNotContain("be16");
    }

    @Test
    void shouldTakeNullCheckAndKeyOnTheStack() {
        assertThat(listing("null_check")).isEqualTo("""
                0: *(u32 *)(r10 -8) = 443
                1: r1 = map[PORTS]
                3: r2 = r10
                4: r2 += -8
                5: call bpf_map_lookup_elem#1
                6: if r0 == 0x0 goto pc+2
                7: r1 = 1
                8: lock *(u64 *)(r0 +0) += r1
                9: w0 = 2
                10: exit
                """);
    }

    @Test
    void shouldFillAKeyWithoutClearingItTwice() {
        assertThat(listing("struct_key")).isEqualTo("""
                0: *(u64 *)(r10 -8) = 0
                1: r0 = *(u32 *)(r1 +12)
                2: *(u32 *)(r10 -16) = 1
                3: *(u32 *)(r10 -12) = r0
                4: *(u16 *)(r10 -8) = 443
                5: r1 = map[FLOWS]
                7: r2 = r10
                8: r2 += -16
                9: call bpf_map_lookup_elem#1
                10: if r0 != 0x0 goto pc+2
                11: w0 = 1
                12: exit
                13: w0 = 2
                14: exit
                """);
    }

    @Test
    void shouldInlineLambdasCompletely() {
        assertThat(listing("lambda")).isEqualTo("""
                0: r0 = *(u32 *)(r1 +12)
                1: w0 += 2
                2: exit
                """);
    }

    @Test
    void shouldGiveTheSameBytesEachTime() {
        CompileOptions options = CompileOptions.defaults();
        assertThat(Compiler.compile(options, Listed.class)).isEqualTo(Compiler.compile(options, Listed.class));
    }
}
