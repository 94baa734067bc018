package net.sniproxy.proxy.datapath.splice;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachment;
import net.sniproxy.bpf.link.Direction;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.link.LinkInfo;
import net.sniproxy.bpf.link.NetworkDevice;
import net.sniproxy.bpf.link.Routes;
import net.sniproxy.bpf.link.TrafficControl;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interfaces that have the program, and which of them leads to a peer. An interface gets the program when the first
 * connection needs it, so that those that no connection uses are left alone. Thread-safe.
 */
final class Interfaces implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Interfaces.class);
    /** Routes change; a connection keeps the interface it began with. */
    private static final long REMEMBERED_NANOS = 1_000_000_000L;

    private static final int MOST_REMEMBERED = 10_000;

    private final Kernel kernel;
    private final Program program;
    private final List<String> allowed;
    private final SplicePins pins;
    private final Map<String, BpfMap> maps;
    private final Routes routes;
    private final Map<Integer, Optional<Attachment>> attachments = new ConcurrentHashMap<>();
    /** On interfaces that may no longer have the program, for the connections that an earlier process left there. */
    private final Map<Integer, Link> forThoseLeft = new ConcurrentHashMap<>();

    private final Map<Pair, Remembered> remembered = new ConcurrentHashMap<>();

    private record Pair(InetAddress destination, Optional<InetAddress> source) {}

    private record Remembered(Optional<Routes.Route> route, long at) {}

    /**
     * @param allowed names of interfaces; empty: all
     * @param maps those that are pinned together with the program
     */
    Interfaces(Kernel kernel, Program program, List<String> allowed, SplicePins pins, Map<String, BpfMap> maps) {
        this.kernel = kernel;
        this.program = program;
        this.allowed = List.copyOf(allowed);
        this.pins = pins;
        this.maps = Map.copyOf(maps);
        this.routes = Routes.open(kernel);
    }

    /** How packets reach a peer; empty if they do not. */
    Optional<Routes.Route> towards(InetAddress peer, InetAddress own) {
        return towards(new Pair(peer, Optional.of(own)));
    }

    /** The same for a connection that has no address of its own yet; the answer names it. */
    Optional<Routes.Route> towards(InetAddress peer) {
        return towards(new Pair(peer, Optional.empty()));
    }

    private Optional<Routes.Route> towards(Pair pair) {
        long now = System.nanoTime();
        Remembered known = remembered.get(pair);
        if (known == null || now - known.at() > REMEMBERED_NANOS) {
            if (remembered.size() > MOST_REMEMBERED) {
                remembered.clear();
            }
            known = new Remembered(ask(pair), now);
            remembered.put(pair, known);
        }
        return known.route();
    }

    private Optional<Routes.Route> ask(Pair pair) {
        try {
            return pair.source().isPresent()
                    ? routes.find(pair.destination(), pair.source().get())
                    : routes.find(pair.destination());
        } catch (BpfException unreachable) {
            return Optional.empty();
        }
    }

    /** Whether the interface has the program now. */
    boolean isReady(int ifindex) {
        return attachments.computeIfAbsent(ifindex, this::attach).isPresent();
    }

    private Optional<Attachment> attach(int ifindex) {
        String name = name(ifindex);
        if (!isAllowed(name)) {
            return Optional.empty();
        }
        try {
            Attachment attachment = pins.owner()
                    .map(owner -> TrafficControl.attach(kernel, program, ifindex, Direction.INGRESS, owner))
                    .orElseGet(() -> TrafficControl.attach(kernel, program, ifindex, Direction.INGRESS));
            if (attachment instanceof Link link) {
                LOG.info("splice: program attached to {}", name);
                pins.keep(maps);
                pins.keep(link, ifindex);
            } else {
                LOG.info(
                        "splice: program attached to {}; before Linux 6.6 spliced connections end with the proxy",
                        name);
            }
            return Optional.of(attachment);
        } catch (BpfException e) {
            LOG.warn("splice: {} is left alone: {}", name, e.getMessage());
            return Optional.empty();
        }
    }

    private boolean isAllowed(String name) {
        return allowed.isEmpty() || allowed.contains(name);
    }

    /**
     * Takes over what an earlier process attached: from now on this program runs there, without a moment between. Where the
     * configuration no longer allows it, it runs for the connections that are there, and new ones are not spliced.
     *
     * @param pinned where the links are
     * @throws BpfException if one cannot be opened, or does not take the program
     */
    void adopt(List<Path> pinned) {
        // One at a time, so that each belongs to this object before the next one may fail; and all before the first is
        // changed.
        List<Link> own = pinned.stream()
                .map(path -> Link.open(kernel, path))
                .filter(this::take)
                .toList();
        own.forEach(link -> link.replace(program));
    }

    private boolean take(Link link) {
        boolean taken = false;
        try {
            taken = link.info().target() instanceof LinkInfo.Target.InterfaceDirection(int ifindex, int attachType)
                    && ifindex != 0
                    && take(link, ifindex);
            return taken;
        } finally {
            if (!taken) {
                link.close();
            }
        }
    }

    private boolean take(Link link, int ifindex) {
        String name = name(ifindex);
        if (isAllowed(name)) {
            return attachments.putIfAbsent(ifindex, Optional.of(link)) == null;
        }
        LOG.info("splice: ebpf.splice.interfaces no longer has {}: only connections that were left go on there", name);
        return forThoseLeft.putIfAbsent(ifindex, link) == null;
    }

    /**
     * Removes what a proxy that was killed has left where programs cannot be pinned; returns the interfaces.
     *
     * @throws BpfException if the kernel or the privileges do not allow it
     */
    static List<String> detachLeft(Kernel kernel, String owner) {
        return NetworkDevice.all(kernel).stream()
                .filter(one -> TrafficControl.detachLeft(kernel, one.index(), Direction.INGRESS, owner))
                .map(NetworkDevice::name)
                .toList();
    }

    /** An interface that has just gone has a number only. */
    private String name(int ifindex) {
        String number = "interface " + ifindex;
        try {
            return NetworkDevice.of(kernel, ifindex).map(NetworkDevice::name).orElse(number);
        } catch (BpfException unknown) {
            return number;
        }
    }

    /** Detaches the program everywhere. */
    @Override
    public void close() {
        attachments.values().forEach(attachment -> attachment.ifPresent(Attachment::close));
        forThoseLeft.values().forEach(Link::close);
        routes.close();
    }
}
