package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.sniproxy.app.Cli.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
    private static final String GOOD = "{\"listen_addr\": \"127.0.0.1:0\", \"whitelist\": [\"example.com\"]}";

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void workInAFolder() {
        cli = new Cli(folder);
    }

    @Test
    void shouldPrintTheVersionInEveryForm() throws Exception {
        Result version = cli.run("version");
        assertThat(version.exitCode()).isZero();
        assertThat(version.err()).isEmpty();
        assertThat(version.out()).matches("sni-proxy \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d+.*\\)\n");
        assertThat(cli.run("-V")).isEqualTo(version);
        assertThat(cli.run("--version")).isEqualTo(version);
    }

    @Test
    void shouldHelpWithEveryCommand() throws Exception {
        for (String command : List.of("run", "check", "demo", "version")) {
            Result help = cli.run(command, "--help");
            assertThat(help.exitCode()).isZero();
            assertThat(help.err()).isEmpty();
            assertThat(help.out()).startsWith("Usage: sni-proxy " + command + " ");
        }
        assertThat(cli.run("--help").out()).startsWith("Usage: sni-proxy ").contains("Exit codes:");
    }

    @Test
    void shouldAnswerWrongUsageWithOneLineAndTheWayOut() throws Exception {
        record Case(List<String> arguments, String message) {}
        List<Case> cases = List.of(
                new Case(List.of(), "sni-proxy: no command given (try: sni-proxy --help)\n"),
                new Case(List.of("rnu"), "sni-proxy: 'rnu' is neither a command nor a file (try: sni-proxy --help)\n"),
                new Case(List.of("-t"), "sni-proxy: -t needs a file: -t -c FILE (try: sni-proxy --help)\n"),
                new Case(
                        List.of("check", "--bogus\nforged"),
                        "sni-proxy check: Unknown option: '--bogus; forged' (try: sni-proxy check --help)\n"));
        for (Case each : cases) {
            Result result = cli.run(each.arguments().toArray(String[]::new));
            assertThat(result).as(each.toString()).isEqualTo(new Result(2, "", each.message()));
        }
    }

    @Test
    void shouldCheckAConfigurationInEveryForm() throws Exception {
        Files.writeString(folder.resolve("good.json"), GOOD);
        Result expected = new Result(0, "good.json: ok (listens on 127.0.0.1:0; 0 routes, 1 names)\n", "");
        assertThat(cli.run("check", "-c", "good.json")).isEqualTo(expected);
        assertThat(cli.run("check", "good.json")).isEqualTo(expected);
        assertThat(cli.run("-t", "-c", "good.json")).isEqualTo(expected);
        assertThat(cli.run("-c", "good.json", "-t")).isEqualTo(expected);
    }

    @Test
    void shouldLetTheEnvironmentOverrideKeys() throws Exception {
        Files.writeString(folder.resolve("good.json"), GOOD);
        assertThat(cli.run(Map.of("SNIPROXY_LISTEN_ADDR", "127.0.0.1:4433"), "check", "-c", "good.json"))
                .isEqualTo(new Result(0, "good.json: ok (listens on 127.0.0.1:4433; 0 routes, 1 names)\n", ""));
    }

    @Test
    void shouldSayWhatIsWrongWithAConfigurationInOneLine() throws Exception {
        Files.writeString(folder.resolve("typo.json"), GOOD.replace("whitelist", "whitelst"));
        Files.writeString(folder.resolve("no.json"), "{\"listen_addr\": ");
        Files.writeString(folder.resolve("evil.json"), GOOD.replace("example.com", "a\\nb\\u001b[2J"));
        Files.createDirectory(folder.resolve("folder.json"));
        record Case(String file, List<String> words) {}
        List<Case> cases = List.of(
                new Case("typo.json", List.of("whitelst", "whitelist")),
                new Case("no.json", List.of("line 1")),
                new Case("evil.json", List.of("whitelist[0]")),
                new Case("missing.json", List.of("missing.json")),
                new Case("folder.json", List.of("folder.json")));
        for (Case each : cases) {
            Result result = cli.run("check", "-c", each.file());
            assertThat(result.exitCode()).as(each.toString()).isEqualTo(1);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .startsWith("sni-proxy: " + each.file())
                    .contains(each.words())
                    .matches("\\P{Cntrl}+\n");
        }
    }

    @Test
    void shouldShowTheStackTraceOnlyIfAsked() throws Exception {
        Result result = cli.run("check", "-c", "missing.json", "--verbose");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("sni-proxy: missing.json").contains("\tat net.sniproxy.");
    }

    @Test
    void shouldNameTheUsualPlacesWhereThereIsNoConfiguration() throws Exception {
        Result result = cli.run("run");
        assertThat(result)
                .isEqualTo(new Result(
                        1,
                        "",
                        "sni-proxy: no configuration: neither config.json nor /etc/sni-proxy/config.json is there;"
                                + " name a file with -c FILE, or try: sni-proxy demo\n"));
    }
}
