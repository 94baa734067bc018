package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfLruHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.ProgramType;

/** A token bucket for each IPv4 source: 64-bit arithmetic with a division. */
public final class RateLimiter {
    private static final int ENTRIES = 65_536;
    private static final int CAPACITY = 100;
    private static final long NANOS_PER_TOKEN = 10_000_000;
    private static final int IPV4 = 0x0800;
    private static final int HEADERS = 54;

    @Struct
    static final class Bucket {
        @Unsigned
        long updated;

        @Unsigned
        int tokens;

        @Unsigned
        int refused;
    }

    @BpfMap(name = "BUCKETS", maxEntries = ENTRIES)
    static final BpfLruHash<Integer, Bucket> BUCKETS = BpfLruHash.of(ENTRIES);

    private RateLimiter() {}

    @BpfProgram(type = ProgramType.XDP, name = "rate_limiter")
    static int limit(XdpContext context) {
        Packet frame = context.data();
        if (!context.dataEnd().covers(frame, HEADERS) || frame.u16be(12) != IPV4) {
            return XdpAction.PASS;
        }
        int source = frame.u32(26);
        long now = Kernel.nanoTime();
        Bucket bucket = BUCKETS.lookup(source);
        if (bucket == null) {
            Bucket first = new Bucket();
            first.updated = now;
            first.tokens = CAPACITY - 1;
            BUCKETS.update(source, first, UpdateFlags.NO_EXIST);
            return XdpAction.PASS;
        }
        refill(bucket, now);
        if (bucket.tokens == 0) {
            bucket.refused++;
            return XdpAction.DROP;
        }
        bucket.tokens--;
        return XdpAction.PASS;
    }

    private static void refill(Bucket bucket, long now) {
        long earned = Long.divideUnsigned(now - bucket.updated, NANOS_PER_TOKEN);
        if (earned != 0) {
            long tokens = Integer.toUnsignedLong(bucket.tokens) + earned;
            bucket.tokens = Long.compareUnsigned(tokens, CAPACITY) > 0 ? CAPACITY : (int) tokens;
            bucket.updated += earned * NANOS_PER_TOKEN;
        }
    }
}
