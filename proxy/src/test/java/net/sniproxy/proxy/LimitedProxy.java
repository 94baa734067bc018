package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.datapath.DataPaths;

/** A proxy in a process of its own, with less than this process has. */
final class LimitedProxy implements AutoCloseable {
    /** Begins the lines of its output that are not log. */
    private static final String ANSWER = "> ";
    /** A JVM starts while other tests have the processors. */
    private static final long START_MILLIS = 120_000;

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final StringBuffer log = new StringBuffer();
    private final int port;

    private LimitedProxy(Process process) throws InterruptedException {
        this.process = process;
        Thread.ofVirtual().start(this::listen);
        port = (int) answer(START_MILLIS);
    }

    /** With one event loop. */
    static LimitedProxy withOneProcessor(String config) throws Exception {
        return start(List.of(), List.of("-XX:ActiveProcessorCount=1"), config);
    }

    /** With so many file descriptors. */
    static LimitedProxy withDescriptors(int most, String config) throws Exception {
        return start(List.of("bash", "-c", "ulimit -n " + most + "; exec \"$0\" \"$@\""), List.of(), config);
    }

    private static LimitedProxy start(List<String> prefix, List<String> options, String config) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LimitedProxy.class.getName(),
                "'listen_addr': '127.0.0.1:0', " + config));
        return new LimitedProxy(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void listen() {
        process.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
            if (line.startsWith(ANSWER)) {
                answers.add(line.substring(ANSWER.length()));
            } else {
                log.append(line).append('\n');
            }
        });
    }

    private long answer(long millis) throws InterruptedException {
        String line = answers.poll(millis, TimeUnit.MILLISECONDS);
        assertThat(line).as("an answer; log: %s", log).isNotNull();
        return Long.parseLong(line);
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What it has logged so far. */
    String log() {
        return log.toString();
    }

    /** Of its event loops, in nanoseconds. */
    long cpuTime() throws Exception {
        OutputStream in = process.getOutputStream();
        in.write('\n');
        in.flush();
        return answer(TestProxy.PATIENCE_MILLIS);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join().destroyForcibly();
    }

    /** The process: prints its port; then, for each line it reads, the CPU time of its event loops. Ends with its input. */
    public static void main(String[] args) throws StartException, IOException {
        try (var proxy = SniProxy.start(TestProxy.config(args[0]), DataPaths.relayOnly(""), List.of())) {
            System.out.println(ANSWER + proxy.addresses().getFirst().getPort());
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(ANSWER + CpuTime.ofEventLoops());
            }
        }
    }
}
