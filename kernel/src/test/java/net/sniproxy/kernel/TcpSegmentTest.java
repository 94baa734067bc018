package net.sniproxy.kernel;

import static net.sniproxy.kernel.Frames.ethernet;
import static net.sniproxy.kernel.Frames.extension;
import static net.sniproxy.kernel.Frames.ipv4;
import static net.sniproxy.kernel.Frames.ipv6;
import static net.sniproxy.kernel.Frames.tag;
import static net.sniproxy.kernel.Frames.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.sniproxy.bpf.compiler.lang.TcContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classifier's reading of frames, as it runs on the JVM. */
class TcpSegmentTest {
    private static final byte[] NONE = new byte[0];
    private static final byte[] DATA = new byte[100];

    /**
     * A frame and what is to be read.
     *
     * @param offset of the TCP header
     * @param payload bytes
     */
    record Case(String name, byte[] frame, int result, int offset, int payload) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        byte[] segment = tcp(TcpSegment.ACK, NONE, DATA);
        byte[] packet = ipv4("10.0.0.2", "10.0.0.1", Frames.TCP, segment);
        return List.of(
                read("IPv4", ethernet(Frames.IPV4, packet), 34, 100),
                read("padding is no payload", Frames.join(ethernet(Frames.IPV4, packet), new byte[6]), 34, 100),
                read("VLAN", ethernet(Frames.VLAN, tag(5, Frames.IPV4, packet)), 38, 100),
                read("QinQ", ethernet(Frames.SERVICE_VLAN, tag(5, Frames.VLAN, tag(6, Frames.IPV4, packet))), 42, 100),
                read("IPv4 options", ethernet(Frames.IPV4, withOptions(segment)), 42, 100),
                read("IPv6", ethernet(Frames.IPV6, ipv6("fd00::2", "fd00::1", Frames.TCP, segment)), 54, 100),
                read("IPv6 extensions", ethernet(Frames.IPV6, withExtensions(segment)), 78, 100),
                read("TCP options", ethernet(Frames.IPV4, withTcpOptions()), 34, 3),
                refused("ARP", ethernet(Frames.ARP, new byte[28]), TcpSegment.NOT_TCP),
                refused("UDP", ethernet(Frames.IPV4, ipv4("10.0.0.2", "10.0.0.1", 17, DATA)), TcpSegment.NOT_TCP),
                refused("first fragment", ethernet(Frames.IPV4, fragment(Frames.MORE_FRAGMENTS)), TcpSegment.FRAGMENT),
                refused("last fragment", ethernet(Frames.IPV4, fragment(9)), TcpSegment.FRAGMENT),
                refused("IPv6 fragment", ethernet(Frames.IPV6, ipv6Fragment(segment)), TcpSegment.FRAGMENT),
                refused("data offset below 5", ethernet(Frames.IPV4, withDataOffset(0x40)), TcpSegment.MALFORMED),
                refused("data offset past the end", ethernet(Frames.IPV4, withDataOffset(0xf0)), TcpSegment.MALFORMED));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldFindTheSegment(Case frame) {
        TcpSegment segment = new TcpSegment();

        assertThat(segment.parse(TcContext.ofFrame(frame.frame()))).isEqualTo(frame.result());
        if (frame.result() == TcpSegment.OK) {
            assertThat(segment.offset).isEqualTo(frame.offset());
            assertThat(segment.payloadLength).isEqualTo(frame.payload());
            assertThat(segment.sourcePort).isEqualTo(40_000);
            assertThat(segment.destinationPort).isEqualTo(443);
            assertThat(segment.sequence).isEqualTo(0xf1e2d3c4);
            assertThat(segment.acknowledgement).isEqualTo(0x8a9bacbd);
            assertThat(segment.flags).isEqualTo(TcpSegment.ACK);
            assertThat(segment.window).isEqualTo(65_000);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldReadNoTruncationPastItsEnd(Case frame) {
        for (int length = 0; length < frame.frame().length; length++) {
            TcpSegment segment = new TcpSegment();
            int result = segment.parse(TcContext.ofFrame(Arrays.copyOf(frame.frame(), length)));
            if (frame.result() == TcpSegment.OK && length < frame.offset() + 20) {
                assertThat(result).as("first %d bytes", length).isEqualTo(TcpSegment.MALFORMED);
            }
        }
    }

    /** Options of a segment and what stands where. */
    record Options(String name, String hex, boolean valid, int timestamps, int sack, int sackCount) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Options> options() {
        String timestamps = "080a 11223344 55667788";
        String sack = "0512 00000001 00000002 00000003 00000004";
        return List.of(
                new Options("none", "", true, 0, 0, 0),
                new Options("Linux: NOP NOP timestamps", "0101" + timestamps, true, 4, 0, 0),
                new Options("Linux: timestamps, two SACK blocks", "0101" + timestamps + "0101" + sack, true, 4, 16, 2),
                new Options("SACK first", "0101" + sack + "0101" + timestamps, true, 24, 4, 2),
                new Options("timestamps unpadded", timestamps + "0000", true, 2, 0, 0),
                new Options("SYN", "020405b4 0402" + timestamps + "01 03 03 07", true, 8, 0, 0),
                new Options("unknown option is skipped", "fd04abcd" + "0101" + timestamps, true, 8, 0, 0),
                new Options("nothing is read behind the end", "00 08 0a 11 22334455", true, 0, 0, 0),
                new Options("length 0", "08000000", false, 0, 0, 0),
                new Options("length 1", "08010000", false, 0, 0, 0),
                new Options("past the end", "0101080a", false, 0, 0, 0),
                new Options("length cut off", "01010108", false, 0, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("options")
    void shouldFindOptionsInAnyOrder(Options options) {
        TcContext context = TcContext.ofFrame(frame(options));
        TcpSegment header = new TcpSegment();
        assertThat(header.parse(context)).isEqualTo(TcpSegment.OK);
        TcpOptions found = new TcpOptions();

        assertThat(found.parse(context, header.offset + 20, header.headerLength - 20))
                .isEqualTo(options.valid());
        if (options.valid()) {
            assertThat(found.timestamps).isEqualTo(options.timestamps());
            assertThat(found.sackBlocks).isEqualTo(options.sack());
            assertThat(found.sackCount).isEqualTo(options.sackCount());
        }
    }

    @Test
    void shouldWalkFortyNops() {
        byte[] nops = new byte[40];
        Arrays.fill(nops, (byte) 1);
        byte[] segment = tcp(TcpSegment.ACK, nops, NONE);
        TcContext context = TcContext.ofFrame(ethernet(Frames.IPV4, ipv4("1.1.1.1", "2.2.2.2", Frames.TCP, segment)));
        TcpSegment header = new TcpSegment();
        header.parse(context);

        assertThat(header.headerLength).isEqualTo(60);
        assertThat(new TcpOptions().parse(context, header.offset + 20, header.headerLength - 20))
                .isTrue();
    }

    static byte[] frame(Options options) {
        byte[] segment = tcp(TcpSegment.ACK, Frames.hex(options.hex()), DATA);
        return ethernet(Frames.IPV4, ipv4("1.1.1.1", "2.2.2.2", Frames.TCP, segment));
    }

    private static Case read(String name, byte[] frame, int offset, int payload) {
        return new Case(name, frame, TcpSegment.OK, offset, payload);
    }

    private static Case refused(String name, byte[] frame, int result) {
        return new Case(name, frame, result, 0, 0);
    }

    private static byte[] withOptions(byte[] segment) {
        return ipv4("10.0.0.2", "10.0.0.1", Frames.TCP, 0, Frames.hex("0101010101010100"), segment);
    }

    private static byte[] withExtensions(byte[] segment) {
        return ipv6("fd00::2", "fd00::1", 0, extension(60, 0, extension(Frames.TCP, 1, segment)));
    }

    private static byte[] withTcpOptions() {
        byte[] segment = tcp(TcpSegment.ACK, Frames.hex("0101080a1122334455667788"), new byte[3]);
        return ipv4("10.0.0.2", "10.0.0.1", Frames.TCP, segment);
    }

    private static byte[] fragment(int fragment) {
        return ipv4("10.0.0.2", "10.0.0.1", Frames.TCP, fragment, NONE, tcp(TcpSegment.ACK, NONE, DATA));
    }

    private static byte[] ipv6Fragment(byte[] segment) {
        return ipv6("fd00::2", "fd00::1", 44, extension(Frames.TCP, 0, segment));
    }

    private static byte[] withDataOffset(int offset) {
        byte[] segment = tcp(TcpSegment.ACK, NONE, new byte[8]);
        segment[12] = (byte) offset;
        return ipv4("10.0.0.2", "10.0.0.1", Frames.TCP, segment);
    }
}
