package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sniproxy.app.Cli.Result;
import net.sniproxy.app.Cli.Running;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    private static final Pattern CURL = Pattern.compile("^ +(curl .*)$", Pattern.MULTILINE);

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void workInAFolder() {
        cli = new Cli(folder);
    }

    @Test
    void shouldShowARequestForEveryNameAndEnd() throws Exception {
        Result demo = cli.run("demo", "--once", "--listen", "127.0.0.1:0");
        assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
        assertThat(demo.err()).isEmpty();
        assertThat(demo.out().lines())
                .anyMatch(line -> line.matches("www.demo.test +web +TLSv1.3 +http/1.1 +200 +relay +\\d+ .* yes"))
                .anyMatch(line -> line.matches("shoes.shop.demo.test +shop +TLSv1.3 +http/1.1 +200 +relay .* yes"))
                .anyMatch(line -> line.matches("legacy.demo.test +legacy +TLSv1.2 +http/1.1 +200 +relay .* yes"))
                .anyMatch(line -> line.matches("unknown.demo.test +- +- +- +TLS alert unrecognized_name .* yes"));
    }

    @Test
    void shouldPrintACurlCommandThatWorks() throws Exception {
        try (Running demo = cli.start("demo", "--listen", "127.0.0.1:0")) {
            Matcher curl = CURL.matcher(demo.awaitOut("Ctrl-C"));
            assertThat(curl.find()).isTrue();
            assertThat(shell(curl.group(1)))
                    .isEqualTo("This is back end \"web\", spoken to over TLSv1.3 from end to end.\n");
            demo.awaitOut("www.demo.test -> ");
            demo.signal("INT");
            Result end = demo.awaitEnd();
            assertThat(end.exitCode()).isZero();
            assertThat(end.out()).endsWith("Stopped.\n");
            assertThat(end.err()).isEmpty();
        }
    }

    private static String shell(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command).isZero();
        return output;
    }

    @Test
    void shouldNameTheWayOutWhereItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Result demo = cli.run("demo", "--listen", address);
            assertThat(demo.exitCode()).isEqualTo(1);
            assertThat(demo.err())
                    .startsWith("sni-proxy: cannot listen on " + address)
                    .contains("demo --listen 127.0.0.1:0")
                    .matches("\\P{Cntrl}+\n");
        }
    }

    @Test
    void shouldRefuseAnAddressThatIsNone() throws Exception {
        Result demo = cli.run("demo", "--listen", "here\", \"x\": \"");
        assertThat(demo.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(demo.err()).startsWith("sni-proxy demo: --listen here").matches("\\P{Cntrl}+\n");
    }
}
