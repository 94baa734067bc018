package net.sniproxy.proxy.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.NetworkDevice;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.config.EbpfConfig.Enabled;
import net.sniproxy.proxy.server.ListenFailure;

/** Whether this machine has what a configuration names: addresses, interfaces, places. Findings are named after keys. */
final class ConfigurationChecks {
    private static final Area AREA = Area.CONFIGURATION;

    private final Kernel kernel;
    private final Config config;
    private final Path file;
    private final Optional<UserChecks> user;
    private final FileAccess access;

    /** @param file where the configuration is */
    ConfigurationChecks(Kernel kernel, Config config, Path file) {
        this.kernel = kernel;
        this.config = config;
        this.file = file;
        this.user = config.user().map(name -> new UserChecks(kernel.facts(), name));
        this.access = new FileAccess(user.flatMap(UserChecks::another));
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        config.listenAddr().forEach(address -> findings.add(listener(address)));
        user.ifPresent(one -> findings.add(one.finding()));
        FileChecks files = new FileChecks(config, access);
        access.user().ifPresent(one -> findings.add(files.configuration(file, one)));
        findings.addAll(files.written());
        findings.addAll(kernelPaths(config.ebpf()));
        return findings;
    }

    /** Listens, for a moment. */
    private static Finding listener(InetSocketAddress address) {
        String name = "listen_addr";
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return Finding.ok(
                    AREA, name, address.getAddress().getHostAddress() + " port " + address.getPort() + " is free");
        } catch (IOException e) {
            return Finding.missing(AREA, name, ListenFailure.explain(address, e), "", "");
        }
    }

    private List<Finding> kernelPaths(EbpfConfig ebpf) {
        if (ebpf.enabled() == Enabled.FALSE) {
            return List.of(Finding.ok(AREA, "ebpf.enabled", "false: every connection is relayed"));
        }
        Places places = new Places(kernel.facts(), AREA);
        List<Finding> findings = new ArrayList<>();
        if (ebpf.splice().enabled()) {
            findings.add(places.pins("ebpf.splice.pin", ebpf.splice().pin()));
            findings.addAll(interfaces("ebpf.splice.interfaces", ebpf.splice().interfaces()));
        }
        findings.addAll(names(places, ebpf.dnsCache()));
        if (ebpf.sockmap().enabled()) {
            findings.add(sockmap(places, ebpf));
        }
        if (ebpf.xdp().enabled()) {
            findings.addAll(interfaces("ebpf.xdp.interfaces", ebpf.xdp().interfaces()));
        }
        return findings;
    }

    private static List<Finding> names(Places places, EbpfConfig.DnsCache cache) {
        return cache.enabled()
                ? cache.pin().map(pin -> places.pins("ebpf.dns_cache.pin", pin)).stream()
                        .toList()
                : List.of(
                        Finding.ok(AREA, "ebpf.dns_cache.enabled", "false: names are kept in the memory of the proxy"));
    }

    private static Finding sockmap(Places places, EbpfConfig ebpf) {
        return ebpf.enabled() == Enabled.AUTO
                ? Finding.ok(AREA, "ebpf.sockmap", "not used: ebpf.enabled is auto, and it needs true")
                : places.cgroup("ebpf.sockmap.cgroup", ebpf.sockmap().cgroup());
    }

    private List<Finding> interfaces(String name, List<String> wanted) {
        return wanted.stream()
                .map(one -> isThere(one)
                        ? Finding.ok(AREA, name, one)
                        : Finding.missing(AREA, name, one + " is not there", "ip -brief link lists what is", ""))
                .toList();
    }

    private boolean isThere(String name) {
        try {
            return NetworkDevice.named(kernel, name).isPresent();
        } catch (BpfException e) {
            return false;
        }
    }
}
