package net.sniproxy.bench.network;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import net.sniproxy.bench.programs.SynSource;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.TestRun;

/**
 * Sends SYNs that nobody completes from many forged sources in turn, until its standard input ends; prints how many, and in how
 * many nanoseconds. A program of its own, for hosts in network namespaces made for the purpose only.
 *
 * <p>The frames are made by a kernel program ({@link SynSource}) and reach the other end of a cable as a driver's do, with no
 * socket buffer yet: what the source filter drops there costs as little as it does behind a real network card. Linux 5.18;
 * the receiving end of a cable takes such frames if generic receive offload is on there, or an XDP program.
 *
 * <p>Usage: {@code java … FloodSender INTERFACE TARGET-MAC TARGET PORT NETWORK SOURCES RATE}; sources are the first of
 * NETWORK, whose last 16 bits are 0.
 */
final class FloodSender {
    /** Frames of one call, of which most come too early and are dropped: beginning a call takes 20 milliseconds, dropping a frame 50 ns. */
    private static final int FRAMES = 10_000_000;

    private static final int IPV4_BYTES = 20;
    private static final int TCP_BYTES = 20;

    private FloodSender() {}

    public static void main(String[] arguments) throws IOException {
        NetworkInterface device = Objects.requireNonNull(NetworkInterface.getByName(arguments[0]), arguments[0]);
        byte[] segment = syn(arguments[2], Integer.parseInt(arguments[3]), arguments[4]);
        byte[] frame = ByteBuffer.allocate(64)
                .put(HexFormat.ofDelimiter(":").parseHex(arguments[1]))
                .put(device.getHardwareAddress())
                .putShort((short) 0x0800)
                .put(segment)
                .array();
        int sources = Integer.parseInt(arguments[5]);
        long rate = Long.parseLong(arguments[6]);
        try (LoadedObject object =
                LoadedObject.load(Kernel.running(), Compiler.compile(CompileOptions.defaults(), SynSource.class))) {
            TypedMap<Integer, Integer> plan = TypedMap.of(object.map("PLAN"), Codec.u32(), Codec.u32());
            plan.update(SynSource.INTERFACE, device.getIndex());
            plan.update(SynSource.SOURCES, sources);
            plan.update(SynSource.IPV4_SUM, sum(segment, 0, IPV4_BYTES));
            plan.update(SynSource.TCP_SUM, tcpSum(segment));
            plan.update(SynSource.GAP, (int) (1_000_000_000 / rate));
            System.out.println("ready");
            long start = System.nanoTime();
            Thread listener = Thread.ofVirtual().start(() -> {
                awaitEndOfInput();
                plan.update(SynSource.GAP, 0);
            });
            TestRun frames = TestRun.onPacket(frame).withLiveFrames().withRepeat(FRAMES);
            while (listener.isAlive()) {
                object.program("syn_source").run(frames);
            }
            TypedMap<Integer, Long> sent = TypedMap.of(object.map("SENT"), Codec.u32(), Codec.u64());
            System.out.println(sent.lookup(SynSource.COUNT).orElseThrow() + " " + (System.nanoTime() - start));
        }
    }

    /** Also returns when whoever started this is gone. */
    private static void awaitEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("standard input: " + e.getMessage());
        }
    }

    /** An IPv4 packet with a SYN in it, without checksums and source port. */
    private static byte[] syn(String target, int port, String network) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4_BYTES + TCP_BYTES);
        packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
        packet.putInt(0).put((byte) 64).put((byte) 6).putShort((short) 0);
        packet.put(address(network)).put(address(target));
        packet.putShort((short) 0).putShort((short) port);
        packet.putInt(1).putInt(0).put((byte) 0x50).put((byte) 2).putShort((short) 64_240);
        return packet.array();
    }

    private static byte[] address(String text) {
        return Inet4Address.ofLiteral(text).getAddress();
    }

    private static int tcpSum(byte[] packet) {
        int addresses = sum(packet, 12, 8);
        return addresses + 6 + TCP_BYTES + sum(packet, IPV4_BYTES, TCP_BYTES);
    }

    private static int sum(byte[] bytes, int from, int length) {
        int sum = 0;
        for (int i = from; i < from + length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
        }
        return sum;
    }
}
