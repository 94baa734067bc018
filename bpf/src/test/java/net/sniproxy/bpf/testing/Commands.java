package net.sniproxy.bpf.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs of the system for tests. */
public final class Commands {
    private static final long DEADLINE_SECONDS = 120;

    private Commands() {}

    /** Runs a program that must succeed, and returns what it printed. */
    public static String run(String... command) {
        return run(List.of(command), "");
    }

    /**
     * Runs a program that must succeed within two minutes.
     *
     * @param input what it reads from its standard input
     * @return its standard output and standard error
     */
    public static String run(List<String> command, String input) {
        Result result = attempt(command, input);
        if (result.exit() != 0) {
            throw new AssertionError(
                    String.join(" ", command) + " ended with " + result.exit() + ": " + result.output());
        }
        return result.output();
    }

    /** Runs a program that may fail. */
    public static Result attempt(List<String> command, String input) {
        try {
            Process process = start(command);
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + " does not end: " + output);
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        environment.put("LC_ALL", "C");
        // The lookup of the program itself uses the path of this process, which may lack the administrator's places.
        String program = command.getFirst();
        for (String place : List.of("/usr/sbin/", "/sbin/")) {
            if (!program.contains("/") && Files.isExecutable(Path.of(place + program))) {
                builder.command().set(0, place + program);
                break;
            }
        }
        return builder.start();
    }

    /**
     * How a program ended.
     *
     * @param exit its exit code
     * @param output its standard output and standard error
     */
    public record Result(int exit, String output) {}
}
