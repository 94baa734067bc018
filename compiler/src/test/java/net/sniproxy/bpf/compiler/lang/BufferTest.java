package net.sniproxy.bpf.compiler.lang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -8, 7, 513, 520})
    void shouldRejectSizesThatTheStackDoesNotHave(int size) {
        assertThatThrownBy(() -> Buffer.ofSize(size)).isInstanceOf(KernelRuleViolation.class);
    }

    @Test
    void shouldRejectAccessOutOfBoundsOrUnaligned() {
        Buffer buffer = Buffer.ofSize(16);

        assertThatThrownBy(() -> buffer.u8(16)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> buffer.u32(13)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> buffer.setU8(-1, 0)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> buffer.setU64(4, 0)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> buffer.u16(3)).isInstanceOf(KernelRuleViolation.class);
    }

    @Test
    void shouldBeginZeroedAndKeepWhatIsStored() {
        Buffer buffer = Buffer.ofSize(16);
        assertThat(buffer.u64(0)).isZero();

        buffer.setU32be(4, 0x01020304);
        buffer.setU64(8, -1);

        assertThat(buffer.u8(4)).isEqualTo(1);
        assertThat(buffer.u16be(6)).isEqualTo(0x0304);
        assertThat(buffer.u64(8)).isEqualTo(-1);
    }

    @Test
    void shouldRefuseHelpersMoreThanItHas() {
        TcContext packet = TcContext.ofFrame(new byte[64]);

        assertThatThrownBy(() -> packet.loadBytes(0, Buffer.ofSize(8), 9))
                .isInstanceOf(KernelRuleViolation.class)
                .hasMessage("a helper was given 9 bytes of a buffer of 8 bytes");
    }
}
