package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import net.sniproxy.bpf.KernelVersion;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every program compiles, always to the same bytes, passes the verifier, and can be read with bpftool. */
class KernelProgramsTest {
    static List<Class<?>> programs() {
        return KernelPrograms.all();
    }

    /** Those that this kernel has a place for. */
    static List<Class<?>> loadable() {
        boolean tracesConsumption =
                KernelVersion.parse(System.getProperty("os.version")).atLeast(new KernelVersion(6, 3));
        return programs().stream()
                .filter(program -> tracesConsumption || program != SocketConsumption.class)
                .toList();
    }

    @KernelTest
    @ParameterizedTest
    @MethodSource("loadable")
    void shouldPassTheVerifier(Class<?> program) {
        assertThatCode(() -> KernelRun.of(program).close()).doesNotThrowAnyException();
    }

    @KernelTest
    @SinceKernel("6.3") // The tracepoint sock_recv_length.
    @Test
    void shouldLoadAsOneObjectThatSharesItsMaps() {
        try (KernelRun kernel = KernelRun.of(KernelPrograms.all())) {
            assertThat(kernel.object().programs())
                    .containsKeys("xdp_ip_filter", "redirect_msg", "enrol_socket", "count_consumed");
            assertThat(kernel.object().maps())
                    .containsKeys(
                            "SOCK_MAP",
                            "CONNECTION_MAP",
                            "TRAFFIC_STATS",
                            "CONNECTION_STATS",
                            "IP_WHITELIST",
                            "CONFIG",
                            "ENROLLED");
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldCompileToTheSameBytesEveryTime(Class<?> program) {
        CompileOptions options = CompileOptions.defaults();

        assertThat(Compiler.compile(options, program)).isEqualTo(Compiler.compile(options, program));
    }

    @KernelTest
    @Test
    void shouldShowJavaLinesInBpftool() {
        try (KernelRun kernel = KernelRun.of(XdpIpFilter.class)) {
            Program program = kernel.object().program("xdp_ip_filter");
            String id = Integer.toString(program.info().id());

            assertThat(Commands.run("bpftool", "prog", "show", "id", id)).contains("xdp  name xdp_ip_filter");
            assertThat(Commands.run("bpftool", "prog", "dump", "xlated", "id", id, "linum"))
                    .contains("XdpIpFilter.java line_num:");
        }
    }

    @KernelTest
    @Test
    void shouldShowFieldNamesInBpftool() {
        try (KernelRun kernel = KernelRun.of(RedirectMsg.class)) {
            BpfMap map = kernel.object().map("CONNECTION_STATS");
            ConnectionStats stats = new ConnectionStats();
            stats.bytesSent = 4711;
            kernel.map("CONNECTION_STATS", Codec.u64(), Codec.of(ConnectionStats.class))
                    .update(7L, stats);

            String dump = Commands.run(
                    "bpftool", "map", "dump", "id", Integer.toString(map.info().id()));
            assertThat(dump.replaceAll("\\s", ""))
                    .contains("\"key\":7", "\"bytes_sent\":4711", "\"packets_received\":0", "\"start_time\":0");
        }
    }

    @Test
    void shouldLayStructsOutAsTheOriginalDid() {
        StructLayout dns = StructLayout.of(DnsRecord.class);
        assertThat(dns.name()).isEqualTo("DnsRecord");
        assertThat(dns.size()).isEqualTo(40);
        assertThat(dns.field("ipv4").offset()).isEqualTo(1);
        assertThat(dns.field("ipv6").offset()).isEqualTo(5);
        assertThat(dns.field("timestamp").offset()).isEqualTo(24);
        assertThat(dns.field("ttl").offset()).isEqualTo(32);

        StructLayout stats = StructLayout.of(ConnectionStats.class);
        assertThat(stats.name()).isEqualTo("ConnectionStats");
        assertThat(stats.size()).isEqualTo(40);
        assertThat(stats.field("startTime").offset()).isEqualTo(32);
    }
}
