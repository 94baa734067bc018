package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceUserTest {
    @TempDir
    Path etc;

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(etc.resolve("passwd"), """
                root:x:0:0:root:/root:/bin/bash
                # a line of something else
                sni-proxy:x:998:997::/nonexistent:/usr/sbin/nologin
                """);
        Files.writeString(etc.resolve("group"), """
                ssl-cert:x:110:www-data,sni-proxy
                adm:x:4:syslog
                proxies:x:120:sni-proxy
                empty:x:121:
                """);
    }

    @Test
    void shouldFindIdAndGroupsOfAName() {
        assertThat(ServiceUser.find("sni-proxy", etc)).isEqualTo(new ServiceUser(998, 997, List.of(110, 120)));
    }

    @Test
    void shouldAskTheNameServicesForWhoIsInNoFile() {
        // Not in the files of this test; every Debian has it.
        assertThat(ServiceUser.find("nobody", etc)).isEqualTo(new ServiceUser(65534, 65534, List.of()));
    }

    @Test
    void shouldTakeNumbersThatNoFileKnows() {
        assertThat(ServiceUser.find("65532:65533", etc)).isEqualTo(new ServiceUser(65532, 65533, List.of()));
    }

    @Test
    void shouldSayHowToMakeAUserThatIsMissing() {
        assertThatThrownBy(() -> ServiceUser.find("sni", etc))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("no user sni on this machine")
                .hasMessageContaining("useradd --system --no-create-home sni");
    }

    @Test
    void shouldRefuseRoot() {
        assertThatThrownBy(() -> ServiceUser.find("root", etc))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("root is root");
    }
}
