package net.sniproxy.app.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.sniproxy.app.bench.Place.Role;

/** Measures one way: starts a back end, perhaps a proxy, and a client, and sees which data path the connections took. */
final class Trial implements AutoCloseable {
    private static final Pattern LISTENS = Pattern.compile(" listens on \\S*:(\\d+)");
    private static final Pattern MISSING =
            Pattern.compile("(?:sockmap|splice) is not available, connections are relayed: (.*)");

    private final Way way;
    private final Path folder;
    private final Duration each;
    private final Place place;
    private final List<Process> processes = new ArrayList<>();

    private Trial(Way way, Path folder, Duration each) throws IOException {
        this.way = way;
        this.folder = folder;
        this.each = each;
        this.place = way.site().make();
    }

    /**
     * Runs one.
     *
     * @param folder for files of this trial
     */
    static Outcome run(Way way, Path folder, Duration each) {
        try (Trial trial = new Trial(way, folder, each)) {
            return trial.run();
        } catch (IOException e) {
            return new Outcome.NotRun(String.valueOf(e.getMessage()));
        }
    }

    private Outcome run() throws IOException {
        Process backEnd = startEnd(Role.BACK_END, "serve", place.address(Role.BACK_END));
        int port = Integer.parseInt(firstLine(backEnd));
        if (way.path().isEmpty()) {
            return new Outcome.Measured(measure(place.address(Role.BACK_END), port));
        }
        Way.Path path = way.path().get();
        Path accessLog = folder.resolve("access.log");
        Path log = folder.resolve("log");
        Process proxy = startProxy(path, port, accessLog, log);
        Figures figures = measure(place.address(Role.PROXY), listening(log).orElseThrow());
        end(proxy); // It has written every line then.
        List<String> ended = lines(accessLog);
        long taken = ended.stream()
                .filter(line -> line.contains(" path=" + path.label()))
                .count();
        // Now and then one is relayed, when a port is used again too soon.
        return taken * 2 > ended.size()
                ? new Outcome.Measured(figures)
                : new Outcome.NotRun("the connections were relayed: " + reason(log));
    }

    private Figures measure(String address, int port) throws IOException {
        Process client = startEnd(Role.CLIENT, "load", address, Integer.toString(port), Long.toString(each.toMillis()));
        return Figures.parse(firstLine(client));
    }

    /** It listens when this returns. */
    private Process startProxy(Way.Path path, int upstream, Path accessLog, Path log) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"listen_addr": "%s:0", "routes": [{"match": "%s", "upstream": "%s:%d"}], "deny_private_upstreams": false,
                 "access_log": {"file": "%s"}, "admin_socket": "%s", "ebpf": %s}
                """.formatted(
                        place.address(Role.PROXY),
                        Wire.NAME,
                        place.address(Role.BACK_END),
                        upstream,
                        accessLog,
                        folder.resolve("admin.sock"),
                        path.configuration(place)));
        Process proxy = start(
                Role.PROXY,
                builder -> builder.redirectErrorStream(true).redirectOutput(log.toFile()),
                "run",
                "-c",
                file.toString());
        Retry.until(() -> listening(log).isPresent() || !proxy.isAlive(), "the start of the proxy");
        if (listening(log).isEmpty()) {
            throw new IOException("the proxy ended: " + String.join("; ", lines(log)));
        }
        return proxy;
    }

    private static Optional<Integer> listening(Path log) {
        return lines(log).stream()
                .map(LISTENS::matcher)
                .filter(Matcher::find)
                .map(found -> Integer.valueOf(found.group(1)))
                .findFirst();
    }

    private static String reason(Path log) {
        return lines(log).stream()
                .map(MISSING::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst()
                .orElse("the proxy does not say why");
    }

    private static List<String> lines(Path file) {
        try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.empty()) {
            return lines.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process startEnd(Role role, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("bench"));
        words.addAll(List.of(arguments));
        File errors = folder.resolve(role.name() + ".err").toFile();
        return start(role, builder -> builder.redirectError(errors), words.toArray(String[]::new));
    }

    /** Changes where a process's output goes. */
    @FunctionalInterface
    private interface Streams {
        void apply(ProcessBuilder builder);
    }

    private Process start(Role role, Streams streams, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(place.prefix(role));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "net.sniproxy.app.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        streams.apply(builder);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private String firstLine(Process process) throws IOException {
        BufferedReader reader = process.inputReader();
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("a process of the benchmark ended: " + String.join("; ", errors()));
        }
        return line;
    }

    private List<String> errors() {
        return Stream.of(Role.CLIENT, Role.BACK_END)
                .flatMap(role -> lines(folder.resolve(role.name() + ".err")).stream())
                .toList();
    }

    private static void end(Process process) throws IOException {
        process.destroy();
        Retry.until(() -> !process.isAlive(), "the end of a process");
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroy();
        }
        for (Process process : processes) {
            end(process);
        }
        place.close();
    }
}
