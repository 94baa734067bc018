package net.sniproxy.e2e.faults;

import java.util.function.Consumer;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.link.Attachment;
import net.sniproxy.bpf.link.Direction;
import net.sniproxy.bpf.link.TrafficControl;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.e2e.harness.Resources;

/**
 * An interface on which packets arrive badly, until it is closed. Made before the proxy attaches anything, it comes first:
 * the proxy sees the damage too.
 */
public final class BadHop implements AutoCloseable {
    private static final int ONLY = 0;

    /** A way to attach a program to incoming packets. */
    @FunctionalInterface
    private interface Way {
        Attachment attach(Kernel kernel, Program program, int index, Direction direction);
    }

    private final Resources resources = new Resources();
    private final Way way;
    private final NetworkNamespace host;
    private final String device;
    private final int index;
    private final TypedMap<Integer, Faults> faults;
    private int detour = -1;

    /** Attaches to an interface of a test's own; disturbs nothing yet. */
    public BadHop(NetworkNamespace host, String device) {
        this(host, device, TrafficControl::attachTcx);
    }

    /** As the constructor, behind all that is, or will be, attached by TCX. */
    public static BadHop classifier(NetworkNamespace host, String device) {
        return new BadHop(host, device, TrafficControl::attachClsact);
    }

    private BadHop(NetworkNamespace host, String device, Way way) {
        this.way = way;
        this.host = host;
        this.device = device;
        this.index = host.index(device);
        this.faults = attach(HopProgram.class, "hop_faults", "HOP_FAULTS", index);
        set(good -> {});
    }

    private TypedMap<Integer, Faults> attach(Class<?> source, String program, String map, int where) {
        Kernel kernel = Kernel.running();
        LoadedObject object =
                resources.add(LoadedObject.load(kernel, Compiler.compile(CompileOptions.defaults(), source)));
        host.execute(() -> resources.add(way.attach(kernel, object.program(program), where, Direction.INGRESS)));
        return TypedMap.of(object.map(map), Codec.u32(), Codec.of(Faults.class));
    }

    /** From now on the hop is as bad as this says, and counts from zero. */
    public void set(Consumer<Faults> change) {
        Faults wanted = new Faults();
        wanted.here = index;
        change.accept(wanted);
        faults.update(ONLY, wanted);
    }

    /**
     * From now on some packets take a slow way round and are overtaken by those behind them.
     *
     * @param chance in a thousand
     */
    public void reorder(int chance) {
        if (detour < 0) {
            detour = makeDetour();
        }
        set(bad -> {
            bad.reordering = chance;
            bad.detour = detour;
        });
    }

    /** A cable from this host to itself that is slow at one end; returns the index of that end. */
    private int makeDetour() {
        String away = "away" + index;
        String back = "back" + index;
        host.ip(
                "link add " + away + " type veth peer name " + back,
                "link set " + away + " up",
                "link set " + back + " up");
        // Slow enough for a packet to be overtaken by some, and not by a whole window.
        host.run("tc", "qdisc", "add", "dev", away, "root", "tbf", "rate", "20mbit", "burst", "1600", "limit", "1mb");
        TypedMap<Integer, Faults> end = attach(DetourProgram.class, "detour_end", "DETOUR_END", host.index(back));
        Faults goOn = new Faults();
        goOn.here = index;
        end.update(ONLY, goOn);
        return host.index(away);
    }

    /** Packets that have come since {@link #set}. */
    public long packets() {
        return faults.lookup(ONLY).orElseThrow().packets;
    }

    /** Packets that something was done to since {@link #set}. */
    public long disturbed() {
        return faults.lookup(ONLY).orElseThrow().disturbed;
    }

    @Override
    public void close() {
        resources.close();
    }
}
