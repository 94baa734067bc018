package net.sniproxy.proxy.filter.xdp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachments;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.link.LinkInfo;
import net.sniproxy.bpf.link.NetworkDevice;
import net.sniproxy.bpf.link.Xdp;
import net.sniproxy.bpf.link.XdpMode;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.EbpfConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interfaces that run the filter. A program of somebody else's is never replaced. For one thread at a time. */
final class XdpInterfaces implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(XdpInterfaces.class);

    private final Kernel kernel;
    private final Map<String, Attached> attached = new LinkedHashMap<>();

    /** A link and the mode that is really in force. */
    private record Attached(Link link, String mode) {}

    XdpInterfaces(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Attaches the program to all of them, or to none.
     *
     * @throws StartException if one has a program already, does not exist, or knows no such mode
     */
    void attach(Program program, List<String> names, EbpfConfig.XdpMode mode) throws StartException {
        for (String name : names) {
            try {
                attach(program, name, mode);
            } catch (StartException e) {
                close();
                throw e;
            }
        }
    }

    private void attach(Program program, String name, EbpfConfig.XdpMode mode) throws StartException {
        int index = index(name);
        try {
            Link link = switch (mode) {
                case NATIVE -> Xdp.attach(kernel, program, index, XdpMode.NATIVE);
                case GENERIC -> Xdp.attach(kernel, program, index, XdpMode.GENERIC);
                case AUTO -> attachAuto(program, name, index);
            };
            String inForce = modeInForce(index);
            attached.put(name, new Attached(link, inForce));
            LOG.info("source filter: attached to {} in {} mode", name, inForce);
        } catch (BpfException e) {
            throw new StartException("ebpf.xdp: interface " + name + ": " + reason(e, mode, name, index), e);
        }
    }

    /** For the user's eyes only: the filter is in force whatever this says. */
    private String modeInForce(int index) {
        try {
            return Xdp.modeInForce(kernel, index)
                    .map(found -> found.name().toLowerCase(Locale.ROOT))
                    .orElse("unknown");
        } catch (BpfException e) {
            LOG.debug("source filter: the mode of interface {} is unknown", index, e);
            return "unknown";
        }
    }

    /** Drivers also refuse native mode for reasons of the moment, such as a large MTU: generic mode knows none of them. */
    private Link attachAuto(Program program, String name, int index) {
        try {
            return Xdp.attach(kernel, program, index, XdpMode.NATIVE);
        } catch (BpfException e) {
            if (isTaken(e)) {
                throw e;
            }
            LOG.info("source filter: {} cannot run it in the driver: {}", name, e.getMessage());
            return Xdp.attach(kernel, program, index, XdpMode.GENERIC);
        }
    }

    private String reason(BpfException e, EbpfConfig.XdpMode mode, String name, int index) {
        if (isTaken(e)) {
            return "it runs an XDP program already, which is left alone; detach that (" + wayOut(name, index)
                    + "), or take the interface out of ebpf.xdp.interfaces";
        }
        if (mode == EbpfConfig.XdpMode.NATIVE && e.errno().equals(Errno.EOPNOTSUPP)) {
            return "its driver cannot run XDP programs; set ebpf.xdp.mode to auto or generic";
        }
        return String.valueOf(e.getMessage());
    }

    private static boolean isTaken(BpfException e) {
        return e.errno().equals(Errno.EBUSY) || e.errno().equals(Errno.EEXIST);
    }

    /** The command that detaches another's program: ip(8) cannot where a link holds it. */
    private String wayOut(String name, int index) {
        try {
            List<LinkInfo> holders = Attachments.xdpLinks(kernel, index);
            if (holders.size() == 1) {
                return "bpftool link detach id " + holders.getFirst().id();
            }
            if (holders.isEmpty()) {
                boolean generic = Xdp.modeInForce(kernel, index).equals(Optional.of(XdpMode.GENERIC));
                return ipOff(name, generic ? "xdpgeneric" : "xdp");
            }
        } catch (BpfException e) {
            LOG.debug("source filter: what holds the program of {} is unknown", name, e);
        }
        return ipOff(name, "xdp") + ", or, where a link of `bpftool link` holds it, bpftool link detach id ID";
    }

    private static String ipOff(String name, String mode) {
        return "ip link set dev " + name + " " + mode + " off";
    }

    private int index(String name) throws StartException {
        try {
            return NetworkDevice.named(kernel, name)
                    .orElseThrow(() -> new StartException(
                            "ebpf.xdp: there is no interface " + name + "; see: ip link",
                            new NoSuchElementException(name)))
                    .index();
        } catch (BpfException e) {
            throw new StartException("ebpf.xdp: interface " + name + ": " + e.getMessage(), e);
        }
    }

    /** Puts another program in place of the one that runs, on each interface in one step. */
    void replace(Program program) {
        attached.values().forEach(one -> one.link().replace(program));
    }

    /** The modes in force, by interface. */
    Map<String, String> modes() {
        Map<String, String> modes = new LinkedHashMap<>();
        attached.forEach((name, one) -> modes.put(name, one.mode()));
        return modes;
    }

    /** Detaches everywhere. */
    @Override
    public void close() {
        attached.values().forEach(one -> one.link().close());
        attached.clear();
    }
}
