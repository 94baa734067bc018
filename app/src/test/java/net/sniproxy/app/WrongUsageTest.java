package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands that no machine and no proxy could make sense of: told without asking either. */
class WrongUsageTest {
    /** What a command line came to. */
    private record Result(int exitCode, String out, String err) {}

    private static Result execute(String commandLine) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = CommandLines.sniProxy(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(commandLine.split(" "));
        return new Result(exitCode, out.toString(), err.toString());
    }

    @Test
    void shouldEndWithTwoAndNameTheCommandWhoseHelpTells() {
        record Case(String arguments, String command, String message) {}
        String duration = " is no duration such as 60s, 10m or 2h";
        List<Case> cases = List.of(
                new Case("top --json", "top", "--json goes with --once"),
                new Case("top --once --most -1", "top", "--most: -1 is less than nothing"),
                new Case("top --interval soon", "top", "--interval: \"soon\"" + duration),
                new Case("top --interval 0s", "top", "--interval: \"0s\"" + duration),
                new Case("bench --each 0", "bench", "--each: 0 milliseconds are no time"),
                new Case("explain --client here", "explain", "--client: \"here\" is no IP address"),
                new Case("filter", "filter", "a command is missing: allow, deny, status, commit or revert"),
                new Case("filter commit --confirm 1y", "filter commit", "--confirm: \"1y\"" + duration),
                new Case(
                        "filter allow list 192.0.2.1",
                        "filter allow",
                        "filter allow list takes no sources: it shows all of them"),
                new Case(
                        "filter deny add",
                        "filter deny",
                        "no source given: name addresses or blocks, or a file with --file"),
                new Case("filter deny add example.com", "filter deny", "\"example.com\" is no IP address"),
                new Case("filter deny add 192.0.2.1 --ttl 1", "filter deny", "--ttl: \"1\"" + duration),
                new Case("filter deny del 192.0.2.1 --ttl 1m", "filter deny", "--ttl goes with: filter deny add"));
        for (Case each : cases) {
            String command = "sni-proxy " + each.command();
            assertThat(execute(each.arguments()))
                    .as(each.arguments())
                    .isEqualTo(new Result(2, "", command + ": " + each.message() + " (try: " + command + " --help)\n"));
        }
    }

    @Test
    void shouldEndWithOneForWhatAnotherMachineMightHave() {
        assertThat(execute("check -c /no/such/file"))
                .isEqualTo(new Result(1, "", "sni-proxy: /no/such/file: cannot be read (no such file)\n"));
    }
}
