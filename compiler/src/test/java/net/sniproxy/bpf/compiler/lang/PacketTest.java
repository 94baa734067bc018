package net.sniproxy.bpf.compiler.lang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The JVM's packet pointers are as strict as the verifier's. */
class PacketTest {
    private final XdpContext context = XdpContext.ofFrame(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, (byte) 0xff});

    @Test
    void shouldRejectALoadWithoutABoundCheck() {
        Packet data = context.data();

        assertThatThrownBy(() -> data.u8(0))
                .isInstanceOf(KernelRuleViolation.class)
                .hasMessage("bytes 0..0 of the packet are not covered by a bound check, which reaches 0 bytes");
    }

    @Test
    void shouldRejectALoadBehindTheBoundCheck() {
        Packet data = context.data();
        assertThat(context.dataEnd().covers(data, 4)).isTrue();

        assertThat(data.u32be(0)).isEqualTo(0x01020304);
        assertThatThrownBy(() -> data.u32be(1)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> data.u8(-1)).isInstanceOf(KernelRuleViolation.class);
    }

    @Test
    void shouldNotCountAFailedBoundCheck() {
        Packet data = context.data();

        assertThat(context.dataEnd().covers(data, 11)).isFalse();
        assertThatThrownBy(() -> data.u8(0)).isInstanceOf(KernelRuleViolation.class);
    }

    @Test
    void shouldLoadInBothByteOrdersWithoutSign() {
        Packet data = context.data();
        assertThat(context.dataEnd().covers(data, 10)).isTrue();

        assertThat(data.u8(9)).isEqualTo(0xff);
        assertThat(data.u16be(8)).isEqualTo(0x09ff);
        assertThat(data.u64be(0)).isEqualTo(0x0102030405060708L);
        assertThat(ByteOrders.network16(data.u16(0))).isEqualTo(0x0102);
        assertThat(ByteOrders.network32(data.u32(4))).isEqualTo(0x05060708);
        assertThat(ByteOrders.network64(data.u64(0))).isEqualTo(0x0102030405060708L);
        assertThat(data.plus(8).u16be(0)).isEqualTo(0x09ff);
    }

    @Test
    void shouldStoreWhatItLoads() {
        Packet data = context.data();
        assertThat(context.dataEnd().covers(data, 10)).isTrue();

        data.setU16be(0, 0xabcdef);
        data.setU32be(2, 0xdeadbeef);
        data.setU8(9, 0x1ff);
        assertThat(data.u16be(0)).isEqualTo(0xcdef);
        assertThat(data.u32be(2)).isEqualTo(0xdeadbeef);
        assertThat(data.u8(9)).isEqualTo(0xff);
        assertThat(context.frame())
                .startsWith(0xcd, 0xef, 0xde, 0xad, 0xbe, 0xef)
                .endsWith(0xff);
    }

    @Test
    void shouldRejectPointersAfterAHelperMovedThePacket() {
        TcContext packet = TcContext.ofFrame(new byte[64]);
        Packet data = packet.data();
        PacketEnd end = packet.dataEnd();
        assertThat(end.covers(data, 20)).isTrue();

        packet.storeBytes(0, Buffer.ofSize(8), 8, 0);

        assertThatThrownBy(() -> data.u8(0))
                .isInstanceOf(KernelRuleViolation.class)
                .hasMessageContaining("after a helper call that may move the packet");
        assertThatThrownBy(() -> end.covers(packet.data(), 1)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> packet.data().u8(0))
                .as("a new pointer needs a new check")
                .isInstanceOf(KernelRuleViolation.class);
    }

    @Test
    void shouldKeepPointersOverHelpersThatOnlyRead() {
        TcContext packet = TcContext.ofFrame(new byte[64]);
        Packet data = packet.data();
        assertThat(packet.dataEnd().covers(data, 20)).isTrue();

        packet.loadBytes(0, Buffer.ofSize(8), 8);

        assertThat(data.u8(0)).isZero();
    }

    @Test
    void shouldRejectDistancesThatTheVerifierRejects() {
        Packet data = context.data();

        assertThatThrownBy(() -> data.plus(-1)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> data.plus(0x10000)).isInstanceOf(KernelRuleViolation.class);
        assertThatThrownBy(() -> data.plus(0x8000).plus(0x8000)).isInstanceOf(KernelRuleViolation.class);
    }
}
