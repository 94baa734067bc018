package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.sniproxy.proxy.doctor.Area;
import net.sniproxy.proxy.doctor.Finding;
import net.sniproxy.proxy.doctor.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reports, and that the command writes them; what is found is DoctorTest's. */
class DoctorCommandTest {
    private static final List<Finding> FINDINGS = List.of(
            new Finding(Area.SYSTEM, "kernel", Status.OK, "6.12.0", "", ""),
            new Finding(Area.SYSTEM, "JIT", Status.LIMITED, "off", "slow", "sysctl -w net.core.bpf_jit_enable=1"),
            new Finding(Area.DATA_PATHS, "splice", Status.MISSING, "not available", "first line\nsecond line", ""),
            new Finding(Area.SELF_TESTS, "sockmap", Status.UNSEEN, "", "not run", ""));

    private static String run(String... arguments) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        assertThat(CommandLines.sniProxy(out, out).execute(arguments))
                .as(text.toString())
                .isEqualTo(ExitCode.OK);
        return text.toString();
    }

    @Test
    void shouldReportToPeopleInParagraphs() {
        String report = DoctorReport.text(FINDINGS);

        assertThat(report.lines().skip(1))
                .containsExactly(
                        "", //
                        "System",
                        "  ok       kernel   6.12.0",
                        "  limited  JIT      off: slow",
                        "                    mend: sysctl -w net.core.bpf_jit_enable=1",
                        "",
                        "Data paths",
                        "  missing  splice   not available: first line; second line",
                        "",
                        "Self tests",
                        "  unseen   sockmap  not run",
                        "",
                        "1 ok, 1 limited, 1 missing, 1 unseen");
    }

    @Test
    void shouldReportToProgramsInJson() {
        JsonNode second = JsonMapper.shared()
                .readTree(DoctorReport.json(FINDINGS))
                .get("findings")
                .get(1);

        assertThat(second.get("area").stringValue()).isEqualTo("system");
        assertThat(second.get("name").stringValue()).isEqualTo("JIT");
        assertThat(second.get("status").stringValue()).isEqualTo("limited");
        assertThat(second.get("found").stringValue()).isEqualTo("off");
        assertThat(second.get("advice").stringValue()).isEqualTo("slow");
        assertThat(second.get("command").stringValue()).isEqualTo("sysctl -w net.core.bpf_jit_enable=1");
    }

    @Test
    void shouldLookAtWhatAConfigurationNames(@TempDir Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), """
                {"listen_addr": "127.0.0.1:0", "whitelist": ["example.com"], "ebpf": {"splice": {"interfaces": ["absent0"]}}}
                """);

        assertThat(run("doctor", "-c", config.toString()))
                .contains("\nConfiguration\n")
                .containsPattern("missing +ebpf.splice.interfaces +absent0 is not there: ip -brief link");
    }

    @Test
    void shouldLookAtThisMachine() {
        assertThat(run("doctor")).contains("\nSystem\n", "\nPrivileges\n", "\nInterfaces\n", "\nData paths\n");
        assertThat(JsonMapper.shared().readTree(run("doctor", "--json")).get("findings"))
                .anySatisfy(finding -> {
                    assertThat(finding.get("name").stringValue()).isEqualTo("relay");
                    assertThat(finding.get("status").stringValue()).isEqualTo("ok");
                });
    }
}
