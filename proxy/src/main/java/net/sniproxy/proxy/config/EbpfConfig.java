package net.sniproxy.proxy.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.filter.Cidr;

/**
 * {@code ebpf}: what the kernel does.
 *
 * @param trace whether kernel programs tell {@code trace_pipe} what they decide
 */
public record EbpfConfig(
        Enabled enabled, Sockmap sockmap, DnsCache dnsCache, Stats stats, Splice splice, Xdp xdp, boolean trace) {
    /** Whether kernel programs are used at all. */
    public enum Enabled {
        /** Started before the first connection; a kernel or a privilege that is missing is warned of. */
        TRUE,
        FALSE,
        /** What works is used, as soon as it is ready; the log says what does not work, and why. */
        AUTO
    }

    /**
     * Forwarding between sockets of this host.
     *
     * @param maxEntries sockets at one time, two for each connection
     * @param cgroup the cgroup v2 directory whose sockets take part; empty: the root, which is all sockets of the host
     * @param limit bytes that the kernel may hold for each direction of a connection before that goes through the proxy
     * @param totalLimit bytes that it may hold for all connections together; above it, each direction has a limit of 64 KB
     */
    public record Sockmap(boolean enabled, int maxEntries, Optional<Path> cgroup, int limit, int totalLimit) {}

    /**
     * The DNS cache in a kernel map.
     *
     * @param maxEntries names, those of both address families counted
     * @param pin the directory in a BPF file system where it outlives the proxy; empty: it does not
     */
    public record DnsCache(boolean enabled, int maxEntries, Optional<Path> pin) {}

    /** Counting of what kernel programs forward, in {@code TRAFFIC_STATS} and for spliced connections in {@code CONNECTION_STATS}. */
    public record Stats(boolean enabled) {}

    /**
     * Packet forwarding between network interfaces.
     *
     * @param interfaces empty: those that routes use
     * @param pin the directory in a BPF file system where programs and maps outlive the proxy
     */
    public record Splice(boolean enabled, List<String> interfaces, int maxFlows, Path pin) {
        public Splice {
            interfaces = List.copyOf(interfaces);
        }
    }

    /**
     * The packet filter at the driver.
     *
     * @param allow the only sources let in; empty: everyone
     * @param deny sources that are dropped, unless they are in {@code allow}
     * @param synRatePerSource new connections a second from one source
     * @param denyTtl how long a source that misbehaves again and again is dropped
     * @param persistenceFile where sources that were added by command are kept; empty: they are forgotten at the end
     */
    public record Xdp(
            boolean enabled,
            List<String> interfaces,
            XdpMode mode,
            List<Cidr> allow,
            List<Cidr> deny,
            Scope scope,
            OptionalInt synRatePerSource,
            Duration denyTtl,
            Optional<Path> persistenceFile) {
        public Xdp {
            interfaces = List.copyOf(interfaces);
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
        }
    }

    /** Where in the receive path the filter runs. */
    public enum XdpMode {
        /** In the driver if it can, else in the network stack. */
        AUTO,
        NATIVE,
        GENERIC
    }

    /** Which packets the filter decides about. */
    public enum Scope {
        /** Those to the ports the proxy listens on. */
        PORTS,
        /** Every packet that comes in on the interface. */
        INTERFACE
    }
}
