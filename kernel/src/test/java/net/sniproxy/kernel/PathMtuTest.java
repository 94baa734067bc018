package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Arrays;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.program.TestResult;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A router's word that a spliced packet is too large reaches the sender, about the packet that the sender knows. */
class PathMtuTest {
    private static final long ID = 1;
    private static final int CLIENT_PORT = 40_123;
    private static final int OWN_PORT = 33_456;
    private static final int MTU = 1280;
    private static final int CLIENT_SEQUENCE = 0xffff_f000;
    private static final int OWN_SEQUENCE = 0x1234_5678;
    private static final int CLIENT_SIDE_SEQUENCE = 0x0bad_cafe;
    private static final int UPSTREAM_SEQUENCE = 0x7fff_ff00;
    private static final int HELLO = 517;

    /** The addresses of one family. */
    enum Family {
        IPV4("10.77.1.1", "10.77.1.2", "10.77.2.2", "10.77.2.1", "192.0.2.9"),
        IPV6("fd00:1::1", "fd00:1::2", "fd00:2::2", "fd00:2::1", "2001:db8::9");

        final String client;
        final String clientSide;
        final String upstreamSide;
        final String upstream;
        final String router;

        Family(String client, String clientSide, String upstreamSide, String upstream, String router) {
            this.client = client;
            this.clientSide = clientSide;
            this.upstreamSide = upstreamSide;
            this.upstream = upstream;
            this.router = router;
        }

        /** The message about a packet of 1,500 bytes with this sequence number. */
        byte[] message(String router, String from, String to, int fromPort, int toPort, int sequence) {
            byte[] tcp = Arrays.copyOf(Frames.tcp(fromPort, toPort, sequence, 0, 16, 0, new byte[0], new byte[0]), 8);
            return this == IPV4
                    ? Frames.ethernet(Frames.IPV4, fragmentationNeeded(router, from, to, tcp))
                    : Frames.ethernet(Frames.IPV6, packetTooBig(router, from, to, tcp));
        }

        private static byte[] fragmentationNeeded(String router, String from, String to, byte[] tcp) {
            byte[] quote = Arrays.copyOf(Frames.ipv4(from, to, Frames.TCP, new byte[1460]), 20);
            byte[] icmp = Frames.join(new byte[] {3, 4, 0, 0, 0, 0}, Frames.be16(MTU), quote, tcp);
            return Frames.ipv4(router, from, FragmentationNeeded.PROTOCOL, withChecksum(icmp, Frames.sum(icmp)));
        }

        private static byte[] packetTooBig(String router, String from, String to, byte[] tcp) {
            byte[] quote = Arrays.copyOf(Frames.ipv6(from, to, Frames.TCP, new byte[1440]), 40);
            byte[] icmp = Frames.join(new byte[] {2, 0, 0, 0}, Frames.be32(MTU), quote, tcp);
            byte[] pseudo = Frames.join(
                    Frames.address(router),
                    Frames.address(from),
                    Frames.be32(icmp.length),
                    Frames.be32(PacketTooBig.PROTOCOL));
            int sum = Frames.sum(Frames.join(pseudo, icmp));
            return Frames.ipv6(router, from, PacketTooBig.PROTOCOL, withChecksum(icmp, sum));
        }

        private static byte[] withChecksum(byte[] icmp, int sum) {
            byte[] checked = icmp.clone();
            byte[] checksum = Frames.be16(~sum);
            System.arraycopy(checksum, 0, checked, 2, checksum.length);
            return checked;
        }

        /** About a packet that the proxy sent to the upstream. */
        byte[] aboutUp() {
            return message(router, upstreamSide, upstream, OWN_PORT, 443, OWN_SEQUENCE + HELLO + 1000);
        }

        /** The same as the client must hear it. */
        byte[] aboutUpToClient() {
            return message(clientSide, client, clientSide, CLIENT_PORT, 443, CLIENT_SEQUENCE + HELLO + 1000);
        }

        /** About a packet that the proxy sent to the client. */
        byte[] aboutDown() {
            return message(router, clientSide, client, 443, CLIENT_PORT, CLIENT_SIDE_SEQUENCE + 5000);
        }

        /** The same as the upstream must hear it. */
        byte[] aboutDownToUpstream() {
            return message(upstreamSide, upstream, upstreamSide, 443, OWN_PORT, UPSTREAM_SEQUENCE + 5000);
        }

        SplicePlan plan() {
            FlowKey up = key(client, CLIENT_PORT, clientSide, 443);
            FlowKey down = key(upstream, 443, upstreamSide, OWN_PORT);
            SpliceLeg front = new SpliceLeg(
                    up,
                    CLIENT_SEQUENCE - 1,
                    CLIENT_SEQUENCE + HELLO,
                    CLIENT_SIDE_SEQUENCE,
                    0,
                    7,
                    7,
                    false,
                    true,
                    false,
                    3,
                    true);
            SpliceLeg back = new SpliceLeg(
                    down,
                    UPSTREAM_SEQUENCE - 1,
                    UPSTREAM_SEQUENCE,
                    OWN_SEQUENCE,
                    0,
                    7,
                    7,
                    false,
                    true,
                    false,
                    4,
                    false);
            SplicePlan plan = SplicePlan.of(ID, front, back, HELLO, 0, System.nanoTime());
            plan.splice().state = Splice.SPLICED;
            return plan;
        }

        private static FlowKey key(String from, int fromPort, String to, int toPort) {
            return FlowKeys.of(new InetSocketAddress(from, fromPort), new InetSocketAddress(to, toPort));
        }
    }

    @AfterEach
    void forget() {
        SpliceMaps.FLOWS.entries().clear();
        SpliceMaps.SPLICES.entries().clear();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheClient(Family family) {
        install(family.plan());
        TcContext packet = TcContext.ofFrame(family.aboutUp());
        assertThat(TcSplice.splice(packet)).isEqualTo(TcAction.REDIRECT);
        assertThat(packet.frame()).isEqualTo(family.aboutUpToClient());
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheUpstream(Family family) {
        install(family.plan());
        TcContext packet = TcContext.ofFrame(family.aboutDown());
        assertThat(TcSplice.splice(packet)).isEqualTo(TcAction.REDIRECT);
        assertThat(packet.frame()).isEqualTo(family.aboutDownToUpstream());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveMessagesAboutOtherPacketsToTheStack(Family family) {
        install(family.plan());
        byte[] other =
                family.message(family.router, family.upstreamSide, family.upstream, OWN_PORT + 1, 443, OWN_SEQUENCE);
        leftAlone(other);
        byte[] unreachable = family.aboutUp();
        unreachable[family == Family.IPV4 ? 35 : 54] = 1;
        leftAlone(unreachable);
        for (int length = 34; length < family.aboutUp().length; length++) {
            leftAlone(Arrays.copyOf(family.aboutUp(), length));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveMessagesAboutTheHelloToTheStackThatSentIt(Family family) {
        SplicePlan plan = family.plan();
        plan.splice().state = Splice.ARMED;
        install(plan);
        leftAlone(family.aboutUp());
    }

    @KernelTest
    @Test
    void shouldDoTheSameInTheKernel() {
        try (KernelRun kernel = KernelRun.of(TcSplice.class)) {
            for (Family family : Family.values()) {
                SplicePlan plan = family.plan();
                var flows = kernel.map("FLOWS", Codec.of(FlowKey.class), Codec.of(Flow.class));
                flows.update(plan.upKey(), plan.up());
                flows.update(plan.downKey(), plan.down());
                kernel.map("SPLICES", Codec.u64(), Codec.of(Splice.class)).update(ID, plan.splice());

                for (boolean up : new boolean[] {true, false}) {
                    TestResult told = kernel.run("tc_splice", up ? family.aboutUp() : family.aboutDown());
                    assertThat(told.returnValue()).isEqualTo(TcAction.REDIRECT);
                    assertThat(told.data()).isEqualTo(up ? family.aboutUpToClient() : family.aboutDownToUpstream());
                }
            }
        }
    }

    private static void leftAlone(byte[] frame) {
        TcContext packet = TcContext.ofFrame(frame);
        assertThat(TcSplice.splice(packet)).isEqualTo(TcAction.UNSPEC);
        assertThat(packet.frame()).isEqualTo(frame);
    }

    private static void install(SplicePlan plan) {
        SpliceMaps.FLOWS.update(plan.upKey(), plan.up(), 0);
        SpliceMaps.FLOWS.update(plan.downKey(), plan.down(), 0);
        SpliceMaps.SPLICES.update(ID, plan.splice(), 0);
    }
}
