package net.sniproxy.e2e.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.sniproxy.e2e.wire.Peer;

/**
 * The proxy in a JVM of its own, started as the command line starts it: {@code run -c FILE}.
 *
 * <p>Closing it fails when it printed a stack trace or lost a buffer, whatever the test was about.
 */
public final class ProxyProcess implements AutoCloseable {
    /** Longer than a start takes while other tests have the processors. */
    public static final Duration START = Duration.ofMinutes(3);

    private static final Duration LOGGED = Duration.ofSeconds(15);
    private static final Duration SCRAPED = Await.patient(Duration.ofSeconds(30));
    private static final Pattern METRICS = Pattern.compile("metrics at (http://\\S+)");
    private static final Pattern FAULT =
            Pattern.compile("^\\s+at [\\w.$]+[.(/]|Exception in thread|^Caused by:|LEAK:|NullPointerException");

    private final Child child;
    private final Workspace workspace;
    private final Path file;
    private final InetSocketAddress address;

    private ProxyProcess(Child child, Workspace workspace, Path file, InetSocketAddress address) {
        this.child = child;
        this.workspace = workspace;
        this.file = file;
        this.address = address;
    }

    /** Starts it at a site and waits until it listens. */
    public static ProxyProcess start(Site site, ProxyConfig config) {
        return start(site.prefix(), config);
    }

    /** Starts it on a data path, at that path's site, and waits until it listens. */
    public static ProxyProcess start(DataPath path, Site site, ProxyConfig config) {
        return start(site.prefix(), path.configure(config));
    }

    /** Starts it behind a command that changes its surroundings (namespace, privileges, limits). */
    public static ProxyProcess start(List<String> prefix, ProxyConfig config) {
        return startWithClassPath(prefix, config, classPath());
    }

    /** As {@link #start(List, ProxyConfig)}, from another place: for users who may not read the directories of the build. */
    public static ProxyProcess startWithClassPath(List<String> prefix, ProxyConfig config, String classPath) {
        ProxyProcess proxy = launchWithClassPath(prefix, config, classPath);
        try {
            proxy.child.awaitLine("the start", START, line -> line.contains(" listens on "));
            return proxy;
        } catch (AssertionError e) {
            proxy.child.close();
            proxy.workspace.close();
            throw e;
        }
    }

    /** Starts it without waiting: for starts that are to fail. */
    public static ProxyProcess launch(List<String> prefix, ProxyConfig config) {
        return launchWithClassPath(prefix, config, classPath());
    }

    /** As {@link #launch(List, ProxyConfig)}, from another place. */
    public static ProxyProcess launchWithClassPath(List<String> prefix, ProxyConfig config, String classPath) {
        Workspace workspace = Workspace.create();
        config.set("access_log.format", "json")
                .set("access_log.file", workspace.path("access.log").toString());
        Path file = workspace.write("sni-proxy.json", config.json());
        List<String> command = new ArrayList<>(prefix);
        command.addAll(java(classPath));
        command.addAll(List.of("run", "-c", file.toString()));
        return new ProxyProcess(Child.start("proxy", command), workspace, file, config.address());
    }

    /** How the command line is run, without its arguments. */
    public static List<String> command() {
        return java(classPath());
    }

    /** As {@link #command()}, from another place. */
    public static List<String> commandWithClassPath(String classPath) {
        return java(classPath);
    }

    private static List<String> java(String classPath) {
        return List.of(
                // A shell starts what it runs in the background with SIGINT ignored, and that is inherited.
                "env",
                "--default-signal=HUP,INT,QUIT,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                classPath,
                "net.sniproxy.app.Main");
    }

    /** The class path of these tests without the tests: their logging configuration would be found first. */
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Where it listens first. */
    public InetSocketAddress address() {
        return address;
    }

    /** The process. */
    public Child child() {
        return child;
    }

    /** What the kernel says of the process. */
    public ProcFs proc() {
        return new ProcFs(child.pid());
    }

    /** What it printed so far. */
    public String log() {
        return child.text();
    }

    /** What it serves to Prometheus now, where {@code metrics.addr} is set. */
    public String metrics() {
        Matcher address = METRICS.matcher(log());
        if (!address.find()) {
            throw new AssertionError("the proxy serves no metrics:\n" + log());
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest scrape = HttpRequest.newBuilder(URI.create(address.group(1)))
                    .timeout(SCRAPED)
                    .build();
            return client.send(scrape, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The lines of the access log so far: one for each connection that has ended. */
    public List<AccessLine> accessLog() {
        Path log = workspace.path("access.log");
        try {
            String text = Files.exists(log) ? Files.readString(log) : "";
            // The last line may be one that is just being written.
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(AccessLine::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a client's connection has ended, and tells what the proxy says of it. */
    public AccessLine awaitEnd(Peer client) {
        return awaitEnd(client, 0);
    }

    /** As {@link #awaitEnd(Peer)}, behind so many lines. */
    public AccessLine awaitEnd(Peer client, int linesBefore) {
        // An earlier client may have had the same port: where the kernel begins to look for one changes every ten
        // seconds.
        return awaitEnd(client.local(), linesBefore, client.since());
    }

    /** As {@link #awaitEnd(Peer)}, of a connection that another program has made since. */
    public AccessLine awaitEnd(InetSocketAddress client, Instant since) {
        return awaitEnd(client, 0, since);
    }

    private AccessLine awaitEnd(InetSocketAddress client, int linesBefore, Instant since) {
        Instant logged = since.truncatedTo(ChronoUnit.MILLIS);
        return Await.until(
                        "the access log line of " + ProxyConfig.text(client),
                        LOGGED,
                        () -> accessLog().stream()
                                .skip(linesBefore)
                                .filter(line ->
                                        line.isOf(client) && !line.time().isBefore(logged))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Replaces the configuration file and sends SIGHUP; the caller waits for the effect. */
    public void reload(ProxyConfig config) {
        try {
            // Written beside and moved, so that no half a file is ever read.
            Path next = workspace.write("sni-proxy.json.next", config.json());
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        child.signal("HUP");
    }

    /** The lines it printed that no user should see: stack traces, leak reports. */
    public List<String> faults() {
        return child.output().stream().filter(FAULT.asPredicate()).toList();
    }

    @Override
    public void close() {
        child.close();
        workspace.close();
        if (!faults().isEmpty()) {
            throw new AssertionError("the proxy printed stack traces or leaks:\n" + log());
        }
    }
}
