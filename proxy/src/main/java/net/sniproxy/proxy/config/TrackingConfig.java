package net.sniproxy.proxy.config;

import java.nio.file.Path;
import java.util.Optional;

/** {@code ip_traffic_tracking} and {@code domain_ip_tracking}. */
public record TrackingConfig(IpTraffic ipTraffic, DomainIp domainIp) {
    /**
     * Bytes and connections by client address.
     *
     * @param maxTrackedIps beyond that the least recently seen address is dropped
     * @param outputFile the readable report
     * @param persistenceFile what survives a restart
     */
    public record IpTraffic(
            boolean enabled, int maxTrackedIps, Optional<Path> outputFile, Optional<Path> persistenceFile) {}

    /** The addresses that names resolved to. */
    public record DomainIp(boolean enabled, Optional<Path> outputFile) {}
}
