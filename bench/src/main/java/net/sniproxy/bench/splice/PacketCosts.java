package net.sniproxy.bench.splice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import net.sniproxy.bench.programs.Nothing;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;

/**
 * Prints, as Markdown, what {@code tc_splice} costs packets that are none of its business, beside a program that does
 * nothing; and how the costs of a packet and the memory of a connection grow with the number of spliced connections.
 *
 * <p>Run by {@code scripts/bench-flows.sh}; needs root. Argument: the largest number of connections, 1,000,000 by default.
 */
public final class PacketCosts {
    private static final int MILLION = 1_000_000;
    private static final int ROUNDS = 15;
    private static final int REPEAT = 200_000;
    /** Packets of connections picked at random, each of which finds its entries cold if there are many. */
    private static final int PACKETS = 50_000;

    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 22);
    private static final InetSocketAddress HERE_V6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 22);

    private PacketCosts() {}

    /** The command. */
    public static void main(String[] arguments) {
        int most = arguments.length > 0 ? Integer.parseInt(arguments[0]) : MILLION;
        Kernel kernel = Kernel.running();
        try (LoadedObject nothing =
                        LoadedObject.load(kernel, Compiler.compile(CompileOptions.defaults(), Nothing.class));
                FilledTables tables = new FilledTables(kernel, most)) {
            foreign(nothing.program("nothing"), tables.program());
            growth(nothing.program("nothing"), tables, most);
        }
    }

    private static void foreign(Program nothing, Program splice) {
        System.out.println("| packet that is not spliced | no-op ns | tc_splice ns | more |");
        System.out.println("|---|--:|--:|--:|");
        compare("ARP", nothing, splice, PacketFrames.arp());
        compare("UDP", nothing, splice, PacketFrames.udp(stranger(1), HERE));
        compare("TCP over IPv4", nothing, splice, PacketFrames.tcp(stranger(1), HERE, 1, 1));
        compare("TCP over IPv6", nothing, splice, PacketFrames.tcp(strangerV6(), HERE_V6, 1, 1));
    }

    /** In turns; the best round of each counts, since whatever else the machine does only makes a round slower. */
    private static void compare(String name, Program nothing, Program splice, byte[] frame) {
        TestRun run = TestRun.onPacket(frame).withRepeat(REPEAT);
        int without = Integer.MAX_VALUE;
        int with = Integer.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            without = Math.min(without, nothing.run(run).nanosPerRun());
            with = Math.min(with, splice.run(run).nanosPerRun());
        }
        System.out.printf(Locale.ROOT, "| %s | %d | %d | %d |%n", name, without, with, with - without);
    }

    private static void growth(Program nothing, FilledTables tables, int most) {
        System.out.println();
        System.out.println("| connections | spliced packet ns | other TCP packet ns | bytes a connection |");
        System.out.println("|--:|--:|--:|--:|");
        long empty = tables.bytes();
        for (int count = 1_000; count <= most; count *= 10) {
            tables.fillTo(count);
            Random random = new Random(count);
            int connections = count;
            int base = median(nothing, FilledTables::segment, random, connections);
            int spliced = median(tables.program(), FilledTables::segment, random, connections) - base;
            int other = median(tables.program(), i -> PacketFrames.tcp(stranger(i), HERE, 1, 1), random, connections)
                    - base;
            System.out.printf(
                    Locale.ROOT, "| %,d | %d | %d | %d |%n", count, spliced, other, (tables.bytes() - empty) / count);
        }
        System.out.printf(Locale.ROOT, "%nEmpty tables with room for %,d connections: %,d bytes.%n", most, empty);
    }

    /** Single runs, of which each also pays for what the system call before it has pushed out of the caches. */
    private static int median(Program program, IntFunction<byte[]> frames, Random random, int connections) {
        int[] nanos = new int[PACKETS];
        for (int i = 0; i < PACKETS; i++) {
            nanos[i] = program.run(TestRun.onPacket(frames.apply(random.nextInt(connections))))
                    .nanosPerRun();
        }
        Arrays.sort(nanos);
        return nanos[PACKETS / 2];
    }

    private static InetSocketAddress stranger(int i) {
        byte[] address = {(byte) 203, 0, (byte) (i >>> 8), (byte) i};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 1024 + i % 60_000);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    private static InetSocketAddress strangerV6() {
        return new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1::1"), 40_000);
    }
}
