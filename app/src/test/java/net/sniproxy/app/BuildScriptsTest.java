package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands between a fresh clone and the first build. */
class BuildScriptsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> TOOLS = List.of(
            "sh",
            "sed",
            "readlink",
            "cat",
            "dirname",
            "mkdir",
            "mktemp",
            "rm",
            "curl",
            "sha512sum",
            "cut",
            "tar",
            "mv");

    @TempDir
    Path folder;

    private record Result(int exitCode, String out, String err) {}

    @Test
    void shouldFindTheNewJdkBesideAnOldDefault() throws Exception {
        Path old = jdk("java-17", "17.0.9");
        Path fitting = jdk("temurin-25", "25.0.3");
        Result result = findJdk(Map.of("JAVA_HOME", old.toString(), "JDK_PLACES", folder + "/java-*  " + fitting));
        assertThat(result).isEqualTo(new Result(0, fitting + "\n", ""));
    }

    @Test
    void shouldPreferJavaHomeIfItFits() throws Exception {
        Path chosen = jdk("chosen", "26");
        Path other = jdk("other", "25.0.3");
        Result result = findJdk(Map.of("JAVA_HOME", chosen.toString(), "JDK_PLACES", other.toString()));
        assertThat(result).isEqualTo(new Result(0, chosen + "\n", ""));
    }

    @Test
    void shouldNotTakeARuntimeForABuild() throws Exception {
        Path runtime = jdk("runtime", "25.0.3");
        Files.delete(runtime.resolve("bin/javac"));
        Map<String, String> environment = Map.of("JDK_PLACES", runtime.toString());
        assertThat(findJdk(environment).exitCode()).isEqualTo(1);
        assertThat(run(environment, ROOT.resolve("scripts/find-jdk.sh"), "jre").out())
                .isEqualTo(runtime + "\n");
    }

    @Test
    void shouldSayWhatToInstallWhereThereIsNone() throws Exception {
        Path old = jdk("java-17", "17.0.9");
        Result result = findJdk(Map.of("JAVA_HOME", old.toString(), "JDK_PLACES", old.toString()));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("No JDK 25 or later found").contains("temurin-25-jdk", "openjdk-25-jdk");
    }

    @Test
    void shouldRefuseAMavenWithAnotherChecksum() throws Exception {
        String version = Files.readAllLines(ROOT.resolve(".mvn/wrapper/maven-wrapper.properties")).stream()
                .filter(line -> line.startsWith("version="))
                .map(line -> line.substring("version=".length()))
                .findFirst()
                .orElseThrow();
        Path repository = folder.resolve("repository");
        Path archive = repository.resolve(
                "org/apache/maven/apache-maven/%s/apache-maven-%s-bin.tar.gz".formatted(version, version));
        Files.createDirectories(archive.getParent());
        Files.writeString(archive, "not the Maven you pinned");
        Result result = run(
                Map.of(
                        "MAVEN_USER_HOME", folder.resolve("home").toString(),
                        "MVNW_REPOURL", repository.toUri().toString(),
                        "JAVA_HOME", System.getProperty("java.home")),
                ROOT.resolve("mvnw"),
                "--version");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("not the pinned one: not used");
        assertThat(folder.resolve("home/wrapper/apache-maven-" + version)).doesNotExist();
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String tool : new String[] {"java", "javac"}) {
            executable(home.resolve("bin").resolve(tool), "");
        }
        return home;
    }

    private Result findJdk(Map<String, String> environment) throws Exception {
        return run(environment, ROOT.resolve("scripts/find-jdk.sh"));
    }

    private Result run(Map<String, String> environment, Path script, String... arguments) throws Exception {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        var command = new ArrayList<String>();
        command.add(script.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        // A path without any Java on it, so that only what the test offers can be found.
        Map<String, String> clean = new HashMap<>(environment);
        clean.put("PATH", pathWithoutJava());
        clean.putIfAbsent("HOME", folder.toString());
        builder.environment().clear();
        builder.environment().putAll(clean);
        int exitCode = builder.start().waitFor();
        return new Result(
                exitCode, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    /** A folder with the few tools that the scripts call, and nothing else. */
    private String pathWithoutJava() throws IOException {
        Path bin = folder.resolve("tools");
        if (!Files.exists(bin)) {
            Files.createDirectory(bin);
            for (String tool : TOOLS) {
                Path real = Files.exists(Path.of("/usr/bin", tool)) ? Path.of("/usr/bin", tool) : Path.of("/bin", tool);
                executable(bin.resolve(tool), "#!/bin/sh\nexec " + real + " \"$@\"\n");
            }
        }
        return bin.toString();
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
