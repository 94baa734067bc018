package net.sniproxy.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Two TCP connections with one byte stream each way, written from the stream's positions and whole checksums, without any
 * of the differences that the program under test works with.
 */
final class SpliceModel {
    private static final int HELLO_MAX = 4_000;
    /** ECE and CWR of TCP (RFC 3168). */
    private static final int TCP_MARKS = 0xc0;
    /** ECT and CE, in the traffic class of IP. */
    private static final int IP_MARKS = 3;

    /** One end of one leg. */
    record End(String address, int port, int initialSequence, int windowScale, int clock) {}

    /** Bytes behind and in front of which the SACK edges lie, as positions in the stream of the other direction. */
    record Block(int from, int to) {}

    /**
     * What a sender says, in positions of the two streams (0 is the first byte of each).
     *
     * @param trafficClass of the IP header, 0 to 15
     * @param at position of the first byte of payload in the sender's stream
     * @param acknowledged position in the other stream up to which everything has come
     * @param window bytes
     * @param elapsed milliseconds since arming
     * @param echoed milliseconds since arming of the timestamp that is echoed, or {@link #NOTHING}
     */
    record Said(
            int flags,
            int trafficClass,
            int at,
            int acknowledged,
            int window,
            int elapsed,
            int echoed,
            List<Block> blocks,
            byte[] payload) {
        /** No timestamp is echoed. */
        static final int NOTHING = Integer.MIN_VALUE;

        /** The same without a word on congestion. */
        Said unmarked() {
            return new Said(
                    flags & ~TCP_MARKS,
                    trafficClass & ~IP_MARKS,
                    at,
                    acknowledged,
                    window,
                    elapsed,
                    echoed,
                    blocks,
                    payload);
        }
    }

    final boolean ipv6;
    final boolean timestamps;
    final boolean ecn;
    final boolean onLink;
    final End client;
    final End clientSide;
    final End upstreamSide;
    final End upstream;
    final int helloBytes;
    final int prefix;
    /** How the options of this sender are laid out: 0 as Linux, 1 SACK first, 2 without padding in front. */
    final int optionLayout;
    /** Whether the receivers agreed to SACK; the senders always have. */
    final boolean sack;

    SpliceModel(Random random) {
        boolean ipv6 = random.nextBoolean();
        End client = end(random, ipv6 ? "fd00:1::1" : "10.77.1.1", 40_000 + random.nextInt(20_000));
        this(random, client, end(random, ipv6 ? "fd00:1::2" : "10.77.1.2", 443));
    }

    /** With these ends of the client's leg. */
    SpliceModel(Random random, End client, End clientSide) {
        this.client = client;
        this.clientSide = clientSide;
        ipv6 = client.address().contains(":");
        timestamps = random.nextBoolean();
        ecn = random.nextBoolean();
        onLink = random.nextBoolean();
        upstreamSide = end(random, ipv6 ? "fd00:2::2" : "10.77.2.2", 20_000 + random.nextInt(20_000));
        upstream = end(random, ipv6 ? "fd00:2::1" : "10.77.2.1", 8443);
        helloBytes = 1 + random.nextInt(HELLO_MAX);
        prefix = random.nextInt(3) * 54;
        optionLayout = random.nextInt(3);
        sack = random.nextInt(4) != 0;
    }

    /** Half of the sequence numbers and clocks begin shortly before they wrap. */
    static End end(Random random, String address, int port) {
        int sequence = random.nextBoolean() ? random.nextInt() : -random.nextInt(10_000);
        int clock = random.nextBoolean() ? random.nextInt() : -random.nextInt(10_000);
        return new End(address, port, sequence, random.nextInt(15), clock);
    }

    SplicePlan plan(long now) {
        SpliceLeg clientLeg = new SpliceLeg(
                key(client, clientSide),
                client.initialSequence,
                client.initialSequence + 1 + helloBytes,
                clientSide.initialSequence + 1,
                clientSide.clock,
                client.windowScale,
                clientSide.windowScale,
                timestamps,
                true,
                ecn,
                3,
                onLink);
        SpliceLeg upstreamLeg = new SpliceLeg(
                key(upstream, upstreamSide),
                upstream.initialSequence,
                upstream.initialSequence + 1,
                upstreamSide.initialSequence + 1,
                upstreamSide.clock,
                upstream.windowScale,
                upstreamSide.windowScale,
                timestamps,
                true,
                ecn,
                4,
                !onLink);
        return SplicePlan.of(1, clientLeg, upstreamLeg, helloBytes, prefix, now);
    }

    /** The frame as the client puts it on the wire to the proxy. */
    byte[] fromClient(Said said) {
        int sequence = client.initialSequence + 1 + said.at();
        int acknowledgement = clientSide.initialSequence + 1 + said.acknowledged();
        int window = said.window() >>> client.windowScale;
        return frame(client, clientSide, said, sequence, acknowledgement, window, clientSide, 64);
    }

    /** The same as the proxy must put it on the wire to the upstream. */
    byte[] toUpstream(Said said, int upstreamClock) {
        int sequence = upstreamSide.initialSequence + 1 + prefix + said.at();
        int acknowledgement = upstream.initialSequence + 1 + said.acknowledged();
        int announced = said.window() >>> client.windowScale << client.windowScale;
        int window = scaled(announced, upstreamSide);
        End clockOfSender = new End("", 0, 0, 0, upstreamClock);
        return forwarded(upstreamSide, upstream, said, sequence, acknowledgement, window, clockOfSender);
    }

    /** The frame as the upstream puts it on the wire to the proxy. */
    byte[] fromUpstream(Said said) {
        int sequence = upstream.initialSequence + 1 + said.at();
        int acknowledgement = upstreamSide.initialSequence + 1 + prefix + said.acknowledged();
        int window = said.window() >>> upstream.windowScale;
        return frame(upstream, upstreamSide, said, sequence, acknowledgement, window, withPrefix(), 64);
    }

    /** The same as the proxy must put it on the wire to the client. */
    byte[] toClient(Said said, int clientClock) {
        int sequence = clientSide.initialSequence + 1 + said.at();
        int acknowledgement = client.initialSequence + 1 + said.acknowledged();
        int announced = said.window() >>> upstream.windowScale << upstream.windowScale;
        End clockOfSender = new End("", 0, 0, 0, clientClock);
        int window = scaled(announced, clientSide);
        return forwarded(clientSide, client, said, sequence, acknowledgement, window, clockOfSender);
    }

    /** The proxy's stream to the upstream with the prefix counted in, for SACK edges of the upstream. */
    private End withPrefix() {
        return new End("", 0, upstreamSide.initialSequence + prefix, 0, upstreamSide.clock);
    }

    private static int scaled(int bytes, End announcer) {
        int window = bytes >>> announcer.windowScale();
        return bytes == 0 ? 0 : Math.clamp(window, 1, 0xffff);
    }

    private byte[] frame(
            End from,
            End to,
            Said said,
            int sequence,
            int acknowledgement,
            int window,
            End acknowledgedStream,
            int hops) {
        byte[] options = options(said, blocks(said, acknowledgedStream), from, to);
        return frame(from, to, said, sequence, acknowledgement, window, options, hops);
    }

    /** What the receiver hears: of congestion only if both legs agreed on that, of blocks only if its own did. */
    private byte[] forwarded(End from, End to, Said said, int sequence, int acknowledgement, int window, End clock) {
        byte[] blocks = blocks(said, to);
        if (!sack) {
            Arrays.fill(blocks, (byte) 1);
        }
        byte[] options = options(said, blocks, clock, to);
        return frame(from, to, ecn ? said : said.unmarked(), sequence, acknowledgement, window, options, 63);
    }

    private byte[] frame(
            End from, End to, Said said, int sequence, int acknowledgement, int window, byte[] options, int hops) {
        byte[] segment = Frames.tcp(
                from.port(), to.port(), sequence, acknowledgement, said.flags(), window, options, said.payload());
        byte[] packet = ipv6
                ? Frames.ipv6(
                        from.address(),
                        to.address(),
                        said.trafficClass(),
                        hops,
                        Frames.checked(from.address(), to.address(), segment))
                : Frames.ipv4(
                        from.address(),
                        to.address(),
                        said.trafficClass(),
                        hops,
                        Frames.checked(from.address(), to.address(), segment));
        return Frames.ethernet(ipv6 ? Frames.IPV6 : Frames.IPV4, packet);
    }

    private static byte[] blocks(Said said, End acknowledgedStream) {
        byte[] sack = new byte[0];
        if (!said.blocks().isEmpty()) {
            sack = new byte[] {5, (byte) (2 + 8 * said.blocks().size())};
            for (Block block : said.blocks()) {
                sack = Frames.join(
                        sack,
                        Frames.be32(acknowledgedStream.initialSequence() + 1 + block.from()),
                        Frames.be32(acknowledgedStream.initialSequence() + 1 + block.to()));
            }
        }
        return sack;
    }

    private byte[] options(Said said, byte[] sack, End clock, End to) {
        byte[] times = timestamps
                ? Frames.join(
                        new byte[] {8, 10},
                        Frames.be32(clock.clock() + said.elapsed()),
                        Frames.be32(said.echoed() == Said.NOTHING ? 0 : to.clock() + said.echoed()))
                : new byte[0];
        byte[] pad = {1, 1};
        byte[] nop = {1};
        byte[] all = switch (optionLayout) {
            case 0 ->
                Frames.join(
                        times.length == 0 ? times : Frames.join(pad, times),
                        sack.length == 0 ? sack : Frames.join(pad, sack));
            case 1 -> Frames.join(sack, times);
            default -> Frames.join(nop, times, sack);
        };
        return Arrays.copyOf(all, (all.length + 3) / 4 * 4);
    }

    private static FlowKey key(End from, End to) {
        int[] source = words(from.address());
        int[] destination = words(to.address());
        int ports = Frames.inMemory(Frames.join(Frames.be16(from.port()), Frames.be16(to.port())));
        return new FlowKey(
                source[0],
                source[1],
                source[2],
                source[3],
                destination[0],
                destination[1],
                destination[2],
                destination[3],
                ports);
    }

    private static int[] words(String address) {
        byte[] bytes = Frames.address(address);
        if (bytes.length == 4) {
            return new int[] {0, 0, Frames.inMemory(new byte[] {0, 0, -1, -1}), Frames.inMemory(bytes)};
        }
        int[] words = new int[4];
        for (int i = 0; i < 4; i++) {
            words[i] = Frames.inMemory(Arrays.copyOfRange(bytes, 4 * i, 4 * i + 4));
        }
        return words;
    }
}
