package net.sniproxy.proxy.doctor;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Xdp;
import net.sniproxy.bpf.link.XdpMode;

/** In which modes the interfaces can run the source filter, by what their drivers declare. Nothing is attached. */
final class InterfaceChecks {
    private final Kernel kernel;

    InterfaceChecks(Kernel kernel) {
        this.kernel = kernel;
    }

    List<Finding> all() {
        try {
            return NetworkInterface.networkInterfaces()
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .map(found -> check(found.getName(), found.getIndex()))
                    .toList();
        } catch (SocketException e) {
            return List.of(Finding.unseen(Area.INTERFACES, "interfaces", String.valueOf(e.getMessage())));
        }
    }

    private Finding check(String name, int index) {
        try {
            Optional<XdpMode> running = Xdp.modeInForce(kernel, index);
            String now = running.map(mode -> "; runs a program now, in " + label(mode) + " mode")
                    .orElse("");
            return Finding.ok(Area.INTERFACES, name, "XDP: " + possible(Xdp.supportedModes(kernel, index)) + now);
        } catch (BpfException e) {
            return Finding.unseen(Area.INTERFACES, name, String.valueOf(e.getMessage()));
        }
    }

    private static String possible(Optional<Set<XdpMode>> modes) {
        if (modes.isEmpty()) {
            return "generic; the kernel does not tell whether the driver can (Linux 6.3 does)";
        }
        if (modes.get().contains(XdpMode.OFFLOAD)) {
            return "native, offload, generic";
        }
        return modes.get().contains(XdpMode.NATIVE) ? "native, generic" : "generic";
    }

    private static String label(XdpMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}
