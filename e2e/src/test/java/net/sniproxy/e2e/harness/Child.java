package net.sniproxy.e2e.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A child process whose output (both streams) is kept line by line. Closing it sends SIGTERM, then SIGKILL, to it and to
 * what it started. Thread-safe.
 */
public final class Child implements AutoCloseable {
    private static final Duration GRACE = Await.patient(Duration.ofSeconds(10));
    private static final Set<Child> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Child::kill), "end-children"));
    }

    private final String name;
    private final Process process;
    private final Thread reader;
    private final List<String> output = new ArrayList<>();

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = Thread.ofVirtual().name(name + "-output").start(this::readOutput);
        RUNNING.add(this);
    }

    /** Starts a command; {@code name} is for messages. */
    public static Child start(String name, List<String> command) {
        return start(name, command, Map.of(), Path.of("."));
    }

    /** Starts a command with more environment variables, in a directory. */
    public static Child start(String name, List<String> command, Map<String, String> environment, Path directory) {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile());
        builder.environment().putAll(environment);
        // Debian keeps most servers where the PATH of a plain user does not look.
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        try {
            return new Child(name, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "could not start " + name + " (scripts/install-test-tools.sh): " + command, e);
        }
    }

    /** Runs a command to its end and returns its output; anything but exit code 0 fails. */
    public static String run(List<String> command) {
        try (Child child = start(command.getFirst(), command)) {
            child.closeInput();
            int code = child.awaitExit(Duration.ofSeconds(60));
            if (code != 0) {
                throw new AssertionError(String.join(" ", command) + " ended with " + code + ":\n" + child.text());
            }
            return child.text();
        }
    }

    /** Process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it still runs. */
    public boolean alive() {
        return process.isAlive();
    }

    /** The lines printed so far. */
    public List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /** The lines printed so far, as one text. */
    public String text() {
        return String.join("\n", output());
    }

    /** Writes to the standard input of the process. */
    public void type(String text) {
        try {
            OutputStream input = process.getOutputStream();
            input.write(text.getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " takes no input", e);
        }
    }

    /** Ends the standard input of the process. */
    public void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The process closed its end first, which is as good.
        }
    }

    /** Waits for a printed line; fails at once when the process ends before. */
    public String awaitLine(String what, Duration limit, Predicate<String> fits) {
        return Await.until(what + " from " + name, limit, () -> firstLine(fits), line -> !line.isEmpty());
    }

    private String firstLine(Predicate<String> fits) {
        boolean ended = !process.isAlive() && joined();
        return output().stream().filter(fits).findFirst().orElseGet(() -> {
            if (ended) {
                throw new AssertionError(name + " ended with " + process.exitValue() + ":\n" + text());
            }
            return "";
        });
    }

    /** Waits until the process itself listens on a TCP port; fails at once when it ends before. */
    public Child awaitListening(int port, Duration limit) {
        Await.until(() -> name + " listening on port " + port + "; it printed:\n" + text(), limit, () -> {
            if (!alive()) {
                throw new AssertionError(name + " ended with " + awaitExit(limit) + ":\n" + text());
            }
            return new ProcFs(pid()).listeningPorts().contains(port);
        });
        return this;
    }

    /** Waits for the end of the process and of its output, and returns its exit code (128 + n for signal n). */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(Await.patient(limit).toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " still runs after " + limit + ":\n" + text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        joined();
        return process.exitValue();
    }

    /** Sends a signal by name: {@code HUP}, {@code TERM}, {@code KILL}, {@code STOP}, {@code CONT} … */
    public void signal(String signal) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> offspring = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        offspring.forEach(ProcessHandle::destroyForcibly);
        RUNNING.remove(this);
    }

    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private boolean joined() {
        try {
            // A grandchild may hold the stream open for longer than the child lives.
            return reader.join(Duration.ofSeconds(10)) || true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void readOutput() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.add(line);
                }
            }
        } catch (IOException e) {
            // The stream is closed under us when the process is destroyed.
        }
    }
}
