package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sni-proxy top} as a user meets it. */
@Timeout(300)
class TopTest {
    @TempDir
    Path folder;

    private List<String> top(String... arguments) {
        List<String> command = new ArrayList<>(ProxyProcess.command());
        command.addAll(List.of("top", "--socket", folder.resolve("admin.sock").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Rig start() {
        return Rig.start(
                DataPath.RELAY,
                config ->
                        config.set("admin_socket", folder.resolve("admin.sock").toString()));
    }

    @Test
    void shouldShowAConnectionWhileItMovesBytes() {
        try (Rig rig = start();
                Rig.Link link = rig.open()) {
            byte[] answer = new byte[10_000];
            link.server().send(answer);
            link.client().read(answer.length);

            // The client may have its answer a moment before the proxy counts it.
            JsonNode seen = Await.until(
                    "the answer in top",
                    Duration.ofSeconds(30),
                    () -> JsonMapper.shared().readTree(Child.run(top("--once", "--json"))),
                    shown -> shown.at("/clients/0/bytes_down").asLong() > 0);
            assertThat(seen.at("/connections/open").asInt()).isEqualTo(1);
            assertThat(seen.at("/live").size()).isEqualTo(1);
            JsonNode live = seen.at("/live/0");
            assertThat(live.path("name").asString()).isEqualTo(Rig.NAME);
            assertThat(live.path("path").asString()).isEqualTo("relay");
            assertThat(live.path("bytes_up").asLong()).isEqualTo(link.hello().length);
            assertThat(live.path("bytes_down").asLong()).isEqualTo(answer.length);
            assertThat(live.path("down_per_second").asDouble()).isZero();
            assertThat(seen.at("/names/0/name").asString()).isEqualTo(Rig.NAME);
            assertThat(seen.at("/clients/0/bytes_down").asLong()).isEqualTo(answer.length);

            // This process has no terminal: one view, in words.
            assertThat(Child.run(top("--filter", Rig.NAME))).contains("1 open", Rig.NAME, "10.0k");
            assertThat(JsonMapper.shared()
                            .readTree(Child.run(top("--once", "--json", "--filter", "nobody")))
                            .at("/live")
                            .size())
                    .isZero();
        }
    }

    @Test
    void shouldDrawOnATerminalAndLeaveItAsItWas() throws Exception {
        try (Rig rig = start();
                Rig.Link link = rig.open()) {
            String keys = "stty cols 120 rows 30; stty -a > before; "
                    + top().stream().map(TopTest::quoted).collect(Collectors.joining(" ")) + "; stty -a > after";
            Process terminal = new ProcessBuilder("script", "-qefc", keys, "/dev/null")
                    .directory(folder.toFile())
                    .redirectOutput(folder.resolve("screen").toFile())
                    .redirectErrorStream(true)
                    .start();
            try {
                awaitScreen(Rig.NAME);
                awaitScreen(" " + link.hello().length + " ");
                press(terminal, "n");
                awaitScreen("NAME" + " ".repeat(44));
                press(terminal, "/nobody\r");
                awaitScreen("filter: nobody");
                press(terminal, "q");
                assertThat(terminal.waitFor()).isZero();
            } finally {
                terminal.destroyForcibly();
            }
            assertThat(screen()).contains("\u001b[?1049h").contains("\u001b[?1049l");
            assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
        }
    }

    private static String quoted(String word) {
        return "'" + word + "'";
    }

    private static void press(Process terminal, String keys) throws Exception {
        terminal.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        terminal.getOutputStream().flush();
    }

    private String screen() throws Exception {
        return Files.readString(folder.resolve("screen"), StandardCharsets.ISO_8859_1);
    }

    private void awaitScreen(String text) {
        Await.until("\"" + text + "\" on the screen", Duration.ofSeconds(30), this::screen, all -> all.contains(text));
    }
}
