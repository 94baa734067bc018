package net.sniproxy.proxy;

import static net.sniproxy.proxy.DnsServer.addresses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.proxy.DnsServer.Reply;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.dns.KernelCacheSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names that are asked for again before or after their life ends, with either cache. */
class NameRefreshTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private volatile Reply reply = addresses(1, "127.0.0.1");
    private Backend backend;
    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        dns = new DnsServer(name -> reply);
    }

    @AfterEach
    void stop() throws IOException {
        dns.close();
        backend.close();
    }

    private SniProxy proxy(CacheSource names, String dnsKeys) throws StartException {
        String json = "'listen_addr': '127.0.0.1:0', 'deny_private_upstreams': false, 'routes': [{'match': '*.test',"
                + " 'upstream': '*:" + backend.port() + "'}], "
                + dns.config().replace("}", ", " + dnsKeys + "}");
        return SniProxy.start(TestProxy.config(json), () -> DataPaths.relayOnly(""), names, List.of());
    }

    private static KernelCacheSource inKernel() {
        return KernelCacheSource.start(Kernel.running(), new EbpfConfig.DnsCache(true, 100, Optional.empty()));
    }

    private void assertReaches(SniProxy proxy) throws IOException {
        byte[] hello = Hellos.of("a.test");
        InetSocketAddress address = proxy.addresses().getFirst();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.getOutputStream().write(hello);
            try (Socket upstream = backend.accept()) {
                assertThat(upstream.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
            }
        }
    }

    private void assertUsesStaleAnswers(CacheSource names) throws Exception {
        try (SniProxy proxy = proxy(names, "'max_stale': '1h'")) {
            assertReaches(proxy);
            reply = new Reply.Silence();
            Thread.sleep(1_100); // The time to live is what is tested.
            assertReaches(proxy);
            assertReaches(proxy);
            assertThat(names.counters().stale()).isEqualTo(2);
            assertThat(names.counters().misses()).isEqualTo(1);
        }
    }

    private void assertAsksBeforeTheEnd(CacheSource names) throws Exception {
        try (SniProxy proxy = proxy(names, "'prefetch': true")) {
            Instant end = Instant.now().plus(PATIENCE);
            while (names.counters().prefetches() < 2 || dns.queries("a.test") < 3) {
                assertThat(Instant.now())
                        .as("a hit in the last tenth of a life, and in that of the next")
                        .isBefore(end);
                assertReaches(proxy);
            }
            assertThat(names.counters().hits()).isPositive();
            assertThat(names.counters().misses()).isPositive();
        }
    }

    @Test
    void shouldUseAStaleAnswerWhileTheNameServersAreSilent() throws Exception {
        assertUsesStaleAnswers(CacheSource.inMemory(100));
    }

    @KernelTest
    @Test
    void shouldUseAStaleAnswerInTheKernelWhileTheNameServersAreSilent() throws Exception {
        try (KernelCacheSource names = inKernel()) {
            assertUsesStaleAnswers(names);
        }
    }

    @Test
    void shouldAskForANameInUseBeforeItExpires() throws Exception {
        assertAsksBeforeTheEnd(CacheSource.inMemory(100));
    }

    @KernelTest
    @Test
    void shouldAskForANameInTheKernelBeforeItExpires() throws Exception {
        try (KernelCacheSource names = inKernel()) {
            assertAsksBeforeTheEnd(names);
        }
    }
}
