package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.sniproxy.proxy.config.TrackingConfig;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackersTest {
    @TempDir
    Path folder;

    @Test
    void shouldCountOnFromWhatAnEarlierProcessSaved() throws IOException {
        IpTrafficTracker first = traffic(10);
        first.on(Events.completed("192.0.2.1", "a.example.com", "198.51.100.1", 100, 1000));
        first.on(Events.completed("2001:db8::1", "a.example.com", "198.51.100.1", 7, 8));
        first.save();

        IpTrafficTracker second = traffic(10);
        second.restore();
        second.on(Events.completed("192.0.2.1", "a.example.com", "198.51.100.1", 23, 45));
        second.save();

        assertThat(savedTraffic())
                .extracting(IpTraffic::ip, IpTraffic::connections, IpTraffic::bytesUp, IpTraffic::bytesDown)
                .containsExactly(tuple("2001:db8::1", 1L, 7L, 8L), tuple("192.0.2.1", 2L, 123L, 1045L));
        assertThat(Files.readAllLines(folder.resolve("stats/ip.txt")))
                .hasSize(5)
                .element(3)
                .asString()
                .matches("192\\.0\\.2\\.1 +2 +123 +1045 +2026-01-31T12:00:01\\.234Z +0");
    }

    @Test
    void shouldForgetTheLeastRecentlySeenAddress() throws IOException {
        IpTrafficTracker tracker = traffic(2);
        for (String client : List.of("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3")) {
            tracker.on(Events.completed(client, "a.example.com", "198.51.100.1", 1, 1));
        }
        tracker.save();
        assertThat(savedTraffic()).extracting(IpTraffic::ip).containsExactly("192.0.2.1", "192.0.2.3");
    }

    @Test
    void shouldNotTrackAddressesThatAreNotLetIn() throws IOException {
        IpTrafficTracker tracker = traffic(2);
        tracker.on(Events.refused("192.0.2.66", Ending.SOURCE_DENIED, ""));
        tracker.save();
        assertThat(folder.resolve("stats/ip.json")).doesNotExist();
    }

    @Test
    void shouldSetAnUnreadableFileAsideInsteadOfOverwritingIt() throws IOException {
        Path file = folder.resolve("stats/ip.json");
        Files.createDirectories(folder.resolve("stats"));
        List<String> broken = List.of(
                "",
                "{",
                "[]",
                "{\"format\": 2}",
                "{\"format\": 1, \"ips\": [{}]}",
                "{\"format\": 1, \"ips\": [{\"ip\": 1, \"connections\": \"x\", \"bytes_up\": 1, \"bytes_down\": 1,"
                        + " \"first_seen\": \"then\", \"last_seen\": \"now\"}]}");
        for (String text : broken) {
            Files.writeString(file, text);
            IpTrafficTracker tracker = traffic(2);
            tracker.restore();
            tracker.on(Events.completed("192.0.2.1", "a.example.com", "198.51.100.1", 1, 1));
            tracker.save();
            assertThat(Files.readString(folder.resolve("stats/ip.json.unreadable")))
                    .isEqualTo(text);
            assertThat(savedTraffic()).hasSize(1);
        }
    }

    @Test
    void shouldLeaveAFolderWhereItIs() throws IOException {
        Path folderInPlaceOfAFile = Files.createDirectories(folder.resolve("stats/ip.json"));
        assertThatThrownBy(() -> traffic(2).restore())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folderInPlaceOfAFile.toString());
        assertThat(folderInPlaceOfAFile).isDirectory();
    }

    @Test
    void shouldLeaveNothingBesideTheFilesItWrites() throws IOException {
        IpTrafficTracker tracker = traffic(2);
        tracker.on(Events.completed("192.0.2.1", "a.example.com", "198.51.100.1", 1, 1));
        tracker.save();
        try (Stream<Path> files = Files.list(folder.resolve("stats"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("ip.json", "ip.txt");
        }
    }

    @Test
    void shouldListTheAddressesOfEachNameAndRememberThem() throws IOException {
        DomainIpTracker first = domains();
        first.on(Events.completed("192.0.2.1", "b.example.com", "198.51.100.1", 1, 1));
        first.on(Events.completed("192.0.2.1", "a.example.com", "2001:db8::9", 1, 1));
        first.on(Events.completed("192.0.2.1", "a.example.com", "203.0.113.5", 1, 1));
        first.on(Events.refused("192.0.2.1", Ending.NO_ROUTE, ""));
        first.save();

        DomainIpTracker second = domains();
        second.restore();
        second.on(Events.completed("192.0.2.1", "b.example.com", "198.51.100.1", 1, 1));
        second.save();

        String time = "2026-01-31T12:00:01.234Z";
        assertThat(Files.readAllLines(folder.resolve("domains.txt")))
                .containsExactly(
                        "# name\taddress\tconnections\tfirst_seen\tlast_seen"
                                + "\tbytes_up\tbytes_down\topen\topen_bytes_up\topen_bytes_down",
                        "a.example.com\t2001:db8::9\t1\t" + time + "\t" + time + "\t1\t1\t0\t0\t0",
                        "a.example.com\tsocks5\t1\t" + time + "\t" + time + "\t1\t1\t0\t0\t0",
                        "b.example.com\t198.51.100.1\t2\t" + time + "\t" + time + "\t2\t2\t0\t0\t0");
    }

    /** Open connections are in what people read, but are not kept: they will be counted when they end. */
    @Test
    void shouldCountOpenConnectionsWhereThatIsNotCountedTwice() throws IOException {
        ledger.watch(survey -> survey.look(Stream.of(Events.open("192.0.2.1", "a.example.com", 10, 20))));
        IpTrafficTracker traffic = traffic(10);
        traffic.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", 100, 1000));
        traffic.save();
        assertThat(savedTraffic().getFirst().bytesUp()).isEqualTo(100);
        assertThat(Files.readString(folder.resolve("stats/ip.txt")))
                .containsPattern("192\\.0\\.2\\.1 +2 +110 +1020 +\\S+ +1\\n");

        domains().save();
        assertThat(Files.readString(folder.resolve("domains.txt")))
                .containsPattern("a\\.example\\.com\t192\\.0\\.2\\.9\t0\t\\S+\t\\S+\t0\t0\t1\t10\t20\n");
        ledger.watch(survey -> survey.look(Stream.empty()));
        DomainIpTracker next = domains();
        next.restore();
        next.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", 10, 20));
        next.save();
        assertThat(Files.readString(folder.resolve("domains.txt")))
                .containsPattern("a\\.example\\.com\t192\\.0\\.2\\.9\t1\t\\S+\t\\S+\t10\t20\t0\t0\t0\n");
    }

    /** As it was written before there were bytes in it. */
    @Test
    void shouldGoOnWithAFileOfFiveFields() throws IOException {
        Files.writeString(
                folder.resolve("domains.txt"),
                "a.example.com\t192.0.2.9\t3\t2026-01-01T00:00:00Z\t2026-01-02T00:00:00Z\n");
        DomainIpTracker tracker = domains();
        tracker.restore();
        tracker.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", 10, 20));
        tracker.save();
        assertThat(Files.readString(folder.resolve("domains.txt"))).contains("a.example.com\t192.0.2.9\t4\t2026-01-01");
    }

    @Test
    void shouldLeaveSpoiltLinesOutAndKeepTheOthers() throws IOException {
        String good = "a.example.com\t192.0.2.9\t3\t2026-01-01T00:00:00Z\t2026-01-02T00:00:00Z\n";
        Files.writeString(
                folder.resolve("domains.txt"),
                "\u00ff\u0000\n" + good + "b.example.com\t192.0.2.9\tx\ty\tz\n" + good.replace("a.", "\u00e9.")
                        + "c.ex",
                StandardCharsets.ISO_8859_1);
        DomainIpTracker tracker = domains();
        tracker.restore();
        tracker.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", 10, 20));
        tracker.save();
        assertThat(Files.readString(folder.resolve("domains.txt")))
                .contains("a.example.com\t192.0.2.9\t4\t2026-01-01")
                .doesNotContain("b.example.com");
    }

    private final TrafficLedger ledger = new TrafficLedger();

    private List<IpTraffic> savedTraffic() throws IOException {
        return IpTrafficJson.parse(Files.readString(folder.resolve("stats/ip.json")));
    }

    private IpTrafficTracker traffic(int max) {
        return new IpTrafficTracker(
                new TrackingConfig.IpTraffic(
                        true,
                        max,
                        Optional.of(folder.resolve("stats/ip.txt")),
                        Optional.of(folder.resolve("stats/ip.json"))),
                ledger);
    }

    private DomainIpTracker domains() {
        InetSocketAddress socks5 = new InetSocketAddress("203.0.113.5", 443);
        return new DomainIpTracker(Optional.of(folder.resolve("domains.txt")), socks5::equals, ledger);
    }
}
