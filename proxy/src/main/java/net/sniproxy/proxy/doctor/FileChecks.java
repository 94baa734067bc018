package net.sniproxy.proxy.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.proxy.config.AccessLogConfig;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.LogConfig;
import net.sniproxy.proxy.config.TrackingConfig;
import net.sniproxy.proxy.user.ServiceUser;
import org.jspecify.annotations.Nullable;

/** Whether the proxy may read and write the files that its configuration names. Findings are named after keys. */
final class FileChecks {
    private static final Area AREA = Area.CONFIGURATION;

    private final Config config;
    private final FileAccess access;

    FileChecks(Config config, FileAccess access) {
        this.config = config;
        this.access = access;
    }

    /** Whether the user that the proxy becomes may read the configuration, as it does then and at each reload. */
    Finding configuration(Path file, ServiceUser user) {
        return access.mayRead(file)
                ? Finding.ok(AREA, "-c", file.toString())
                : Finding.missing(
                        AREA,
                        "-c",
                        file + " cannot be read by user " + user.id(),
                        "the proxy reads it as that user, which the folders above must let pass too",
                        "chgrp " + user.group() + " " + file + " && chmod g+r " + file);
    }

    List<Finding> written() {
        List<Finding> findings = new ArrayList<>();
        appended().forEach((key, file) -> findings.add(finding(key, file, access.mayWrite(file))));
        replaced().forEach((key, file) -> findings.add(finding(key, file, access.mayReplace(file))));
        return findings;
    }

    private Map<String, Path> appended() {
        Map<String, Path> files = new LinkedHashMap<>();
        if (config.log().output() != LogConfig.Output.STDOUT) {
            files.put("log.file_path", config.log().filePath());
        }
        config.accessLog().flatMap(AccessLogConfig::file).ifPresent(file -> files.put("access_log.file", file));
        return files;
    }

    /** The admin socket, too, is made anew in its folder. */
    private Map<String, Path> replaced() {
        Map<String, Path> files = new LinkedHashMap<>();
        config.adminSocket().ifPresent(path -> files.put("admin_socket", path));
        TrackingConfig.IpTraffic traffic = config.tracking().ipTraffic();
        if (traffic.enabled()) {
            traffic.outputFile().ifPresent(path -> files.put("ip_traffic_tracking.output_file", path));
            traffic.persistenceFile().ifPresent(path -> files.put("ip_traffic_tracking.persistence_file", path));
        }
        TrackingConfig.DomainIp names = config.tracking().domainIp();
        if (names.enabled()) {
            names.outputFile().ifPresent(path -> files.put("domain_ip_tracking.output_file", path));
        }
        if (config.ebpf().xdp().enabled()) {
            config.ebpf().xdp().persistenceFile().ifPresent(path -> files.put("ebpf.xdp.persistence_file", path));
        }
        return files;
    }

    private Finding finding(String key, Path file, boolean allowed) {
        if (allowed) {
            return Finding.ok(AREA, key, file.toString());
        }
        Path folder = file.toAbsolutePath().getParent();
        return Finding.missing(
                AREA,
                key,
                file + " cannot be written by user " + owner(),
                "it or its folder is another user's, or no folder",
                mend(file, folder));
    }

    /** Gives away nothing but what is the proxy's alone: the file, or a folder that is made for it. */
    private String mend(Path file, @Nullable Path folder) {
        if (folder == null || Files.isDirectory(file)) {
            return "";
        }
        if (Files.exists(file)) {
            return "chown " + owner() + " " + file;
        }
        return Files.exists(folder) ? "" : "install -d -o " + owner() + " " + folder;
    }

    private String owner() {
        return access.user().map(user -> Integer.toString(user.id())).orElseGet(() -> System.getProperty("user.name"));
    }
}
