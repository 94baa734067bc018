package net.sniproxy.proxy.user;

import static org.assertj.core.api.Assertions.assertThat;

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
    void shouldFindIdAndGroupsOfAName() throws IOException {
        assertThat(ServiceUser.find("sni-proxy", etc)).contains(new ServiceUser(998, 997, List.of(110, 120)));
    }

    @Test
    void shouldAskTheNameServicesForWhoIsInNoFile() throws IOException {
        // Not in the files of this test; every Debian has it.
        assertThat(ServiceUser.find("nobody", etc)).contains(new ServiceUser(65534, 65534, List.of()));
    }

    @Test
    void shouldTakeNumbersThatNoFileKnows() throws IOException {
        assertThat(ServiceUser.find("65532:65533", etc)).contains(new ServiceUser(65532, 65533, List.of()));
    }

    @Test
    void shouldFindNobodyOfAnUnknownName() throws IOException {
        assertThat(ServiceUser.find("sni", etc)).isEmpty();
    }

    @Test
    void shouldTellRootFromOthers() throws IOException {
        assertThat(ServiceUser.find("root", etc))
                .hasValueSatisfying(user -> assertThat(user.isRoot()).isTrue());
        assertThat(ServiceUser.find("sni-proxy", etc))
                .hasValueSatisfying(user -> assertThat(user.isRoot()).isFalse());
    }

    @Test
    void shouldBeInItsOwnGroupAndInThoseThatListIt() {
        ServiceUser user = new ServiceUser(998, 997, List.of(110));
        assertThat(user.isIn(997)).isTrue();
        assertThat(user.isIn(110)).isTrue();
        assertThat(user.isIn(998)).isFalse();
    }
}
