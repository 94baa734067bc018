package net.sniproxy.bpf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@KernelTest
class NetworkNamespaceTest {
    @Test
    void shouldJoinTwoNamespacesWithACable() throws Exception {
        try (NetworkNamespace left = NetworkNamespace.create("left");
                NetworkNamespace right = NetworkNamespace.create("right")) {
            left.connect("eth0", "10.7.0.1/24", right, "eth0", "10.7.0.2/24");
            try (ServerSocket server = right.call(() -> new ServerSocket(0, 5, InetAddress.getByName("10.7.0.2")));
                    Socket client = left.call(() -> new Socket("10.7.0.2", server.getLocalPort()));
                    Socket accepted = server.accept()) {
                client.getOutputStream().write(42);
                assertThat(accepted.getInputStream().read()).isEqualTo(42);
            }
            assertThat(left.index("eth0")).isPositive();
            assertThat(left.run("ip", "-br", "addr")).contains("10.7.0.1/24");
        }
    }

    @Test
    void shouldLeaveTheCallersThreadWhereItIs() throws IOException {
        Path self = Path.of("/proc/thread-self/ns/net");
        String before = Files.readSymbolicLink(self).toString();
        try (NetworkNamespace other = NetworkNamespace.create("other")) {
            assertThat(other.call(() -> Files.readSymbolicLink(self).toString()))
                    .isNotEqualTo(before);
            assertThat(Files.readSymbolicLink(self)).hasToString(before);
        }
    }

    @Test
    void shouldRemoveItselfAlsoAfterAFailure() {
        NetworkNamespace gone = NetworkNamespace.create("gone");
        try (gone) {
            assertThatThrownBy(() -> gone.execute(() -> {
                        throw new IllegalArgumentException("on purpose");
                    }))
                    .hasMessage("on purpose");
        }
        assertThat(Path.of("/run/netns/" + gone.name())).doesNotExist();
    }

    @Test
    void shouldMountAndUnmountABpfFileSystem() {
        Path root;
        try (TestBpfFileSystem mounted = TestBpfFileSystem.mount()) {
            root = mounted.root();
            assertThat(Commands.run("stat", "-f", "-c", "%T", root.toString())).contains("bpf");
        }
        assertThat(root).doesNotExist();
    }

    @Test
    void shouldRunAProgramInACgroupOfItsOwn() {
        Path directory;
        try (TestCgroup cgroup = TestCgroup.create()) {
            directory = cgroup.directory();
            assertThat(Commands.run(cgroup.command("cat", "/proc/self/cgroup"), ""))
                    .contains("0::/" + directory.getFileName());
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void shouldTellComplaintsFromOrdinaryLines() {
        assertThat(KernelLog.isComplaint("[ 1.0] WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:2700"))
                .isTrue();
        assertThat(KernelLog.isComplaint("[ 1.0] REG INVARIANTS VIOLATION (alu)"))
                .isTrue();
        assertThat(KernelLog.isComplaint("[ 1.0] kernel BUG at net/core/skbuff.c:200!"))
                .isTrue();
        assertThat(KernelLog.isComplaint("[ 1.0] veth: renamed from eth0")).isFalse();
        assertThat(KernelLog.isComplaint("[ 1.0] agent[7]: DEBUG all is well")).isFalse();
    }
}
