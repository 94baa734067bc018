package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import net.sniproxy.app.Cli.Running;
import net.sniproxy.bpf.testing.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit file, judged by systemd's own tools, and the life that it expects of the process. */
class ServiceUnitTest {
    private static final Path UNIT = Path.of("../packaging/systemd/sni-proxy.service");
    /** Tenths, on systemd's scale from 0 (locked in) to 100 (open). */
    private static final int MOST_EXPOSED = 25;

    @TempDir
    Path folder;

    @Test
    void shouldBeAValidUnit() throws IOException {
        Path command = Files.writeString(folder.resolve("sni-proxy"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path unit = Files.writeString(
                folder.resolve("sni-proxy.service"),
                Files.readString(UNIT).replace("/usr/bin/sni-proxy", command.toString()));

        // What it only warns of, such as a key that it does not know, it prints.
        assertThat(Commands.run("systemd-analyze", "verify", unit.toString())).isEmpty();
    }

    @Test
    void shouldExposeLittle() {
        Commands.run(
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold=" + MOST_EXPOSED,
                UNIT.toString());
    }

    @Test
    void shouldGrantTheFourCapabilitiesAndNoOther() throws IOException {
        assertThat(Files.readAllLines(UNIT))
                .filteredOn(line -> line.matches("(Ambient|CapabilityBounding).*"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.split("=")[1].split(" "))
                        .containsExactlyInAnyOrder("CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON", "CAP_NET_BIND_SERVICE"));
    }

    @Test
    void shouldTellTheManagerOfStartReloadAndStop() throws Exception {
        Path config = configuration();
        Path address = folder.resolve("notify");
        Cli cli = new Cli(folder);
        try (NotifySocket manager = new NotifySocket(address);
                Running proxy = cli.startWithEnvironment(
                        Map.of("NOTIFY_SOCKET", address.toString()), "run", "-c", config.toString())) {
            assertThat(manager.next()).startsWith("READY=1\nSTATUS=listens on 127.0.0.1:");
            for (String content : List.of(Files.readString(config), "{}")) {
                Files.writeString(config, content);
                proxy.signal("HUP");
                assertThat(manager.next()).startsWith("RELOADING=1\n");
                assertThat(manager.next()).startsWith("READY=1\n");
            }
            proxy.signal("TERM");
            assertThat(manager.next()).startsWith("STOPPING=1\n");
            assertThat(proxy.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    void shouldFeedTheWatchdog() throws Exception {
        Path config = configuration();
        Path address = folder.resolve("notify");
        try (NotifySocket manager = new NotifySocket(address);
                Running _ = new Cli(folder)
                        .startWithEnvironment(
                                Map.of("NOTIFY_SOCKET", address.toString(), "WATCHDOG_USEC", "2000000"),
                                "run",
                                "-c",
                                config.toString())) {
            assertThat(List.of(manager.next(), manager.next(), manager.next()))
                    .filteredOn("WATCHDOG=1"::equals)
                    .hasSize(2);
        }
    }

    private Path configuration() throws IOException {
        return Files.writeString(folder.resolve("config.json"), """
                {"listen_addr": "127.0.0.1:0", "whitelist": ["example.com"], "ebpf": {"enabled": false}}
                """);
    }
}
