package net.sniproxy.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.config.AccessLogConfig;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.EbpfConfig;

/** What of a configuration a reload does not put in force. */
final class RestartNeed {
    /** Tells a user. */
    static final String WARNING =
            "changes of metrics, *_tracking, ebpf, access_log.format, admin_socket and user take effect at the next start";

    private RestartNeed() {}

    /** Whether the configurations differ in anything of it. */
    static boolean exists(Config inForce, Config next) {
        return !inForce.metrics().equals(next.metrics())
                || !inForce.tracking().equals(next.tracking())
                || !withoutLists(inForce.ebpf()).equals(withoutLists(next.ebpf()))
                || !format(inForce).equals(format(next))
                || !inForce.adminSocket().equals(next.adminSocket())
                || !inForce.user().equals(next.user());
    }

    /** The lists and limits of the source filter change at once, all else of {@code ebpf} at the next start. */
    private static EbpfConfig withoutLists(EbpfConfig ebpf) {
        EbpfConfig.Xdp xdp = ebpf.xdp();
        return new EbpfConfig(
                ebpf.enabled(),
                ebpf.sockmap(),
                ebpf.dnsCache(),
                ebpf.stats(),
                ebpf.splice(),
                new EbpfConfig.Xdp(
                        xdp.enabled(),
                        xdp.interfaces(),
                        xdp.mode(),
                        List.of(),
                        List.of(),
                        EbpfConfig.Scope.PORTS,
                        OptionalInt.empty(),
                        Duration.ZERO,
                        xdp.persistenceFile()),
                ebpf.trace());
    }

    private static Optional<AccessLogConfig.Format> format(Config config) {
        return config.accessLog().map(AccessLogConfig::format);
    }
}
