package net.sniproxy.app;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the command as a user does: in a process of its own, in a folder of its own. */
final class Cli {
    /** A shell starts what it runs in the background with SIGINT ignored, and that is inherited. */
    private static final String DEFAULT_SIGNALS = "--default-signal=HUP,INT,QUIT,TERM";

    private static final int SECONDS = 180;

    private final Path folder;

    /** What a command that has ended left behind. */
    record Result(int exitCode, String out, String err) {}

    /** A command that is still running. Closing it kills it. */
    record Running(Process process, Path out, Path err) implements AutoCloseable {
        String outSoFar() throws IOException {
            return Files.readString(out);
        }

        /** Waits until the output holds a text, and returns the output. */
        String awaitOut(String text) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (!outSoFar().contains(text)) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new AssertionError("no \"" + text + "\" in: " + outSoFar() + Files.readString(err));
                }
                Thread.sleep(20);
            }
            return outSoFar();
        }

        /** Sends a signal, by its name without SIG. */
        void signal(String name) throws IOException, InterruptedException {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("kill -" + name + " ended with " + code);
            }
        }

        Result awaitEnd() throws IOException, InterruptedException {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + outSoFar() + Files.readString(err));
            }
            return new Result(process.exitValue(), outSoFar(), Files.readString(err));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** Commands will run in this folder. */
    Cli(Path folder) {
        this.folder = folder;
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), arguments);
    }

    Result run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        try (Running running = start(environment, "", javaCommand(arguments))) {
            return running.awaitEnd();
        }
    }

    /** Runs with the bytes of a text as standard input. */
    Result runWithInput(String input, String... arguments) throws IOException, InterruptedException {
        try (Running running = start(Map.of(), input, javaCommand(arguments))) {
            return running.awaitEnd();
        }
    }

    Running start(String... arguments) throws IOException {
        return start(Map.of(), "", javaCommand(arguments));
    }

    Running startWithEnvironment(Map<String, String> environment, String... arguments) throws IOException {
        return start(environment, "", javaCommand(arguments));
    }

    /** Starts behind a command that changes its surroundings. */
    Running startBehind(List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(javaCommand(arguments));
        return start(Map.of(), "", command);
    }

    /** Starts with the signals blocked, as the launcher does. */
    Running startWithBlockedSignals(String... arguments) throws IOException {
        List<String> command = javaCommand(arguments);
        command.set(command.indexOf(DEFAULT_SIGNALS), "--block-signal=HUP,INT,QUIT,TERM");
        command.add(command.indexOf("-cp"), "-Xrs");
        return start(Map.of(), "", command);
    }

    private static List<String> javaCommand(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "env",
                DEFAULT_SIGNALS,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                mainClassPath(),
                "net.sniproxy.app.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The class path of this test without the test's own resources, whose log set-up a user does not have. */
    private static String mainClassPath() {
        return String.join(
                File.pathSeparator,
                List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
                        .filter(entry -> !entry.endsWith("test-classes"))
                        .toList());
    }

    private Running start(Map<String, String> environment, String input, List<String> command) throws IOException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return new Running(process, out, err);
    }
}
