package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The DaemonSet, as far as it can be judged without Kubernetes; scripts/check-daemonset.sh holds it to Kubernetes' own schema. */
class DaemonSetTest {
    private static final Path MANIFEST = Path.of("../packaging/kubernetes/daemonset.yaml");
    /** Runs a container with what the DaemonSet asks for. */
    private static final Path TRIAL = Path.of("../scripts/check-container.sh");

    @TempDir
    Path folder;

    private static String only(Pattern pattern, Path file) throws IOException {
        List<MatchResult> found =
                pattern.matcher(Files.readString(file)).results().toList();
        assertThat(found).as(pattern + " in " + file).hasSize(1);
        return found.getFirst().group(1);
    }

    @Test
    void shouldHoldAConfigurationThatCanBeUsed() throws IOException {
        String indented = only(Pattern.compile("config\\.json: \\|\n((?: {4}.*\n)+)"), MANIFEST);
        Path config = Files.writeString(folder.resolve("config.json"), indented.stripIndent());

        CheckCommand check =
                new CheckCommand(new PrintWriter(Writer.nullWriter()), new ConfigFiles(List.of(), Map.of()));
        assertThat(check.check(config)).isEqualTo(ExitCode.OK);
    }

    @Test
    void shouldAskForTheCapabilitiesThatItWasTriedWith() throws IOException {
        String asked = only(Pattern.compile("add: \\[(.*)]"), MANIFEST);
        String tried = only(Pattern.compile("--cap-drop ALL --cap-add (\\S+)"), TRIAL);

        assertThat(asked.replace("\"", "").split(", "))
                .containsExactlyInAnyOrder(tried.split(","))
                .contains("BPF", "NET_ADMIN", "PERFMON", "NET_BIND_SERVICE");
    }
}
