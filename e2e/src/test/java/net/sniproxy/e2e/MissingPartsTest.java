package net.sniproxy.e2e;

import java.time.Duration;
import java.util.List;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Privileges;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A system that lacks something: what can be done without it is done, and the log says what is missing. */
class MissingPartsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Payload UP = new Payload(25, 300_000);
    private static final Payload DOWN = new Payload(26, 500_000);

    @ParameterizedTest(name = "{0} without {1}")
    @CsvSource({
        "SOCKMAP, /sys/kernel/btf, relay, 'sockmap is not available, connections are relayed: cannot read the kernel'",
        "SPLICE, /sys/kernel/btf, splice, 'splice: ready'",
        "SPLICE, /sys/fs, splice, 'spliced connections end with this process'"
    })
    @DisplayName("25: no BTF, no bpffs: what can be done without is done, the rest relayed after a clear reason")
    void shouldDoWithout(DataPath path, String directory, String taken, String said) {
        Site site = path.site();
        BackEnd backEnd = site.amongBackEnds(() -> BackEnd.start(site.backEndAddress()));
        ProxyConfig config = path.configure(ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target()));
        List<String> prefix = Privileges.chain(site.prefix(), hiding(directory));
        try (Rig rig = new Rig(path, site, backEnd, ProxyProcess.start(prefix, config));
                Link link = rig.open()) {
            link.exchange(UP, DOWN).join();
            rig.assertCompleted(link, 0, taken, UP, DOWN);
            Await.until(
                    () -> said + " in " + rig.proxy().log(),
                    SOON,
                    () -> rig.proxy().log().contains(said));
        }
    }

    /** A prefix of commands for which a directory is empty and stays so; nobody else sees that. */
    private static List<String> hiding(String directory) {
        return List.of(
                "unshare", "--mount", "sh", "-c", "mount -t tmpfs -o ro none " + directory + " && exec \"$@\"", "sh");
    }
}
