package net.sniproxy.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class AdminServerTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path folder;

    private Path socket;
    private AdminServer server;

    @BeforeEach
    void start() throws AdminException {
        socket = folder.resolve("admin.sock");
        server = AdminServer.start(
                Optional.of(socket),
                Map.of(
                        "echo", arguments -> arguments,
                        "refuse",
                                arguments -> {
                                    throw new IllegalArgumentException("x: wanted a number");
                                },
                        "fail",
                                arguments -> {
                                    throw new UnsupportedOperationException("a fault of ours");
                                }));
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(socket).doesNotExist();
    }

    private JsonNode ask(String command) throws AdminException {
        return AdminClient.of(Optional.of(socket))
                .ask(command, JSON.createObjectNode().put("x", 1));
    }

    /** Everything that the server answers to these bytes, up to the end of the stream. */
    private String send(byte[] bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(bytes));
            channel.shutdownOutput();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void shouldAnswerItsOwnerOnly() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(ask("echo").path("x").asInt()).isEqualTo(1);
    }

    @Test
    void shouldSayWhatIsWrongWithARequest() {
        assertThatThrownBy(() -> ask("refuse"))
                .isInstanceOf(AdminException.class)
                .hasMessage("x: wanted a number");
        assertThatThrownBy(() -> ask("nonsense")).hasMessage("unknown command \"nonsense\"; known: echo, fail, refuse");
        assertThatThrownBy(() -> ask("fail")).hasMessage("failed; see the log of the proxy");
    }

    @Test
    void shouldAnswerGarbageAndGoOn() throws Exception {
        byte[] garbage = "\u0000\u0001{[\nnull\n7\n{\"command\": \"echo\", \"arguments\": 5}\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        List<String> answers = send(garbage).lines().toList();
        assertThat(answers).hasSize(4);
        assertThat(answers.subList(0, 3)).allSatisfy(line -> assertThat(line).startsWith("{\"error\":"));
        assertThat(answers.getLast()).isEqualTo("{\"ok\":5}");
        assertThat(ask("echo").path("x").asInt()).isEqualTo(1);
    }

    @Test
    void shouldAnswerSeveralRequestsOfOneConnectionInOrder() throws Exception {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            requests.append("{\"command\": \"echo\", \"arguments\": ").append(i).append("}\n");
        }
        assertThat(send(requests.toString().getBytes(StandardCharsets.UTF_8)).lines())
                .hasSize(100)
                .last()
                .isEqualTo("{\"ok\":99}");
    }

    /** Whoever holds all places keeps others out, for as long as he holds them; the proxy itself does not notice. */
    @Test
    void shouldBoundTheNumberOfConnections() throws Exception {
        List<SocketChannel> held = new ArrayList<>();
        try {
            boolean refused = false;
            for (int i = 0; i < 100 && !refused; i++) {
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                held.add(channel);
                refused = !answers(channel);
            }
            assertThat(held).hasSizeBetween(2, 99);
            assertThat(refused).isTrue();
        } finally {
            for (SocketChannel channel : held) {
                channel.close();
            }
        }
    }

    private static boolean answers(SocketChannel channel) {
        try {
            channel.write(ByteBuffer.wrap("{\"command\": \"echo\"}\n".getBytes(StandardCharsets.UTF_8)));
            return Channels.newInputStream(channel).read() >= 0;
        } catch (IOException hungUp) {
            return false;
        }
    }

    @Test
    void shouldNotTakeTheSocketOfAnotherProcess() {
        assertThatThrownBy(() -> AdminServer.start(Optional.of(socket), Map.of()))
                .isInstanceOf(AdminException.class)
                .hasMessageContaining("is the admin socket of another process")
                .hasMessageContaining("admin_socket");
    }

    @Test
    void shouldReplaceWhatAKilledProcessLeftBehind() throws Exception {
        Path left = folder.resolve("left.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();
        try (AdminServer next = AdminServer.start(Optional.of(left), Map.of("echo", arguments -> arguments))) {
            assertThat(next.path()).isEqualTo(left);
            assertThat(AdminClient.of(Optional.of(left))
                            .ask("echo", JSON.createObjectNode())
                            .isObject())
                    .isTrue();
        }
    }

    @Test
    void shouldLeaveAFileAloneThatIsNoSocket() throws Exception {
        Path file = Files.writeString(folder.resolve("config.json"), "{}");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        for (Path wrong : List.of(file, link, Files.createDirectory(folder.resolve("directory")))) {
            assertThatThrownBy(() -> AdminServer.start(Optional.of(wrong), Map.of()))
                    .isInstanceOf(AdminException.class)
                    .hasMessageContaining(wrong.toString())
                    .hasMessageContaining("no socket");
        }
        assertThat(file).hasContent("{}");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void shouldSayThatNobodyListens() {
        Path nobody = folder.resolve("nobody.sock");
        assertThatThrownBy(() -> AdminClient.of(Optional.of(nobody)).ask("echo", JSON.createObjectNode()))
                .isInstanceOf(AdminException.class)
                .hasMessageStartingWith("the proxy at " + nobody + " gave no answer");
    }
}
