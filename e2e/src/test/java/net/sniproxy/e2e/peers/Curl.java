package net.sniproxy.e2e.peers;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.ProxyConfig;

/**
 * curl, sent to an address whatever name it asks for ({@code --connect-to}).
 *
 * @param to where every connection goes
 * @param certificates whose authority it trusts
 */
public record Curl(InetSocketAddress to, Certificates certificates) {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    /** How a run of curl ended. */
    public record Result(int exitCode, String output) {}

    /** Runs curl with more arguments; the output is what it printed, both streams. */
    public Result run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                Long.toString(Await.patient(LIMIT).toSeconds()),
                "--cacert",
                certificates.authority().toString(),
                "--connect-to",
                "::" + ProxyConfig.text(to)));
        command.addAll(List.of(arguments));
        try (Child child = Child.start("curl", command)) {
            child.closeInput();
            return new Result(child.awaitExit(LIMIT), child.text());
        }
    }

    /** As {@link #run}, but fails unless curl is content. */
    public String get(String... arguments) {
        Result result = run(arguments);
        if (result.exitCode() != 0) {
            throw new AssertionError("curl ended with " + result.exitCode() + ": " + result.output());
        }
        return result.output();
    }

    /** Downloads a URL to a file. */
    public void download(String url, Path file, String... options) {
        List<String> all = new ArrayList<>(List.of("--fail", "--output", file.toString(), url));
        all.addAll(List.of(options));
        get(all.toArray(String[]::new));
    }

    /** Uploads a file to a URL (PUT). */
    public void upload(Path file, String url, String... options) {
        List<String> all = new ArrayList<>(List.of("--fail", "--upload-file", file.toString(), url));
        all.addAll(List.of(options));
        get(all.toArray(String[]::new));
    }
}
