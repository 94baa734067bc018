package net.sniproxy.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Hello.LengthField;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** First flights as attackers, old clients and bad luck send them. No data path is chosen before the hello is read. */
class HelloAbuseTest {
    private static final int DECODE_ERROR = 50;
    private static final int UNRECOGNIZED_NAME = 112;
    private static final int HELLO_LIMIT = 32_768;
    /**
     * Extensions whose content a proxy has no business to read: with another length, what follows is another row of
     * extensions, which may be a sound one.
     */
    private static final Set<String> OPAQUE =
            Set.of("extension 10", "extension 13", "extension key_share", "extension 10794");

    @AutoClose
    private static Rig rig;

    @AutoClose
    private static BackEnd unnamed;

    @BeforeAll
    static void start() {
        unnamed = BackEnd.start(InetAddress.ofLiteral("127.0.0.1"));
        rig = Rig.start(
                DataPath.RELAY,
                config -> config.set("timeouts.hello", "3s")
                        .set("limits.hello_bytes", HELLO_LIMIT)
                        .set("no_sni", unnamed.target()));
    }

    @BeforeEach
    void forgetLeftovers() {
        rig.backEnd().discardPending();
        unnamed.discardPending();
    }

    @Test
    @DisplayName("1: slow hello: one deadline from accept, not one per read; closed and counted")
    void shouldEndAHelloThatComesTooSlowly() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        int dialled = rig.backEnd().accepted();
        try (Peer slow = rig.connect();
                Peer silent = rig.connect()) {
            CompletableFuture<Answer> answer = slow.answering();
            int sent = 0;
            // A byte every 100 ms keeps any deadline per read from passing, for far longer than the whole may take.
            while (!answer.isDone() && sent < hello.length - 1) {
                try {
                    slow.send(hello, sent++, 1);
                } catch (UncheckedIOException e) {
                    break; // The proxy has closed.
                }
                Await.pause(Duration.ofMillis(100));
            }
            assertThat(sent).as("bytes sent when the deadline came").isLessThan(hello.length - 1);
            assertThat(answer.join().alert()).isPresent();
            assertThat(silent.answer().ending()).isEqualTo(Ending.FIN);
            assertThat(rig.proxy().awaitEnd(slow.local()).end()).isEqualTo("hello_timeout");
            assertThat(rig.proxy().awaitEnd(silent.local()).end()).isEqualTo("hello_timeout");
        }
        assertThat(rig.backEnd().accepted()).isEqualTo(dialled);
    }

    @Test
    @DisplayName("2: one byte per packet: routed, every byte passed on as it came")
    void shouldRouteAHelloOfSingleBytes() {
        byte[] hello = Hello.of(Rig.NAME).postQuantum().bytes();
        try (Peer client = rig.connect()) {
            client.sendSlowly(hello, 1, Duration.ZERO);
            assertArrives(hello, client);
        }
    }

    @Test
    @DisplayName("2: cut at every offset: routed, every byte passed on as it came")
    void shouldRouteAHelloCutAnywhere() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        for (int cut = 1; cut < hello.length; cut++) {
            try (Peer client = rig.connect()) {
                client.send(hello, 0, cut);
                Await.pause(Duration.ofMillis(1));
                client.send(hello, cut, hello.length - cut);
                assertArrives(hello, client);
            }
        }
    }

    @Test
    @DisplayName("2: re-cut into records of 1 to n bytes: routed, every byte passed on as it came")
    void shouldRouteAHelloInRecordsOfAnySize() {
        for (int size : IntStream.concat(IntStream.rangeClosed(1, 40), IntStream.of(64, 100, 150, 1000))
                .toArray()) {
            byte[] hello = Hello.of(Rig.NAME).recordsOf(size).bytes();
            try (Peer client = rig.connect()) {
                assertArrives(hello, client.send(hello));
            }
        }
    }

    @Test
    @DisplayName("2: no answer and no upstream before the hello is complete")
    void shouldWaitForTheLastByte() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        int dialled = rig.backEnd().accepted();
        try (Peer client = rig.connect()) {
            client.send(hello, 0, hello.length - 1);
            assertThat(client.silentFor(Duration.ofMillis(300))).isTrue();
            assertThat(rig.backEnd().accepted()).isEqualTo(dialled);
            assertArrives(hello, client.send(hello, hello.length - 1, 1));
        }
    }

    @Test
    @DisplayName("3: hello over 20 records, the name cut between two: routed")
    void shouldRouteWhenTheNameIsCutByARecord() {
        byte[] hello =
                Hello.of(Rig.NAME).padding(60).recordsOf(Rig.NAME.length() - 1).bytes();
        assertThat(new String(hello, ISO_8859_1)).doesNotContain(Rig.NAME);
        try (Peer client = rig.connect()) {
            assertArrives(hello, client.send(hello));
        }
    }

    @Test
    @DisplayName("4: 21 KB hello: routed")
    void shouldRouteALargeHello() {
        byte[] hello = Hello.of(Rig.NAME).padding(21_000).bytes();
        try (Peer client = rig.connect()) {
            assertArrives(hello, client.send(hello));
        }
    }

    @Test
    @DisplayName("4: hello over the limit: refused at the limit")
    void shouldRefuseAHelloOverTheLimit() {
        assertRefused(Hello.of(Rig.NAME).padding(HELLO_LIMIT + 1000).bytes(), DECODE_ERROR);
    }

    @Test
    @DisplayName("4: hello that declares 16 MiB: refused, memory follows received bytes")
    void shouldNotReserveWhatAHelloDeclares() {
        ProcFs proc = rig.proxy().proc();
        byte[] start = {22, 3, 1, 0x40, 0, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff, 3, 3};
        long before = proc.residentBytes();
        List<Peer> clients =
                Stream.generate(() -> rig.connect().send(start)).limit(200).toList();
        try {
            for (Peer client : clients) {
                assertThat(client.answer().alert()).contains(DECODE_ERROR);
            }
            assertThat(proc.residentBytes() - before).isLessThan(200L << 20);
        } finally {
            clients.forEach(Peer::close);
        }
    }

    static Stream<Arguments> firstImpossibleBytes() {
        return Stream.of(
                Arguments.of("garbage", new byte[] {0x42}),
                Arguments.of("SSLv2", new byte[] {(byte) 0x80, 0x2e, 1, 0, 2}),
                Arguments.of("SSH, which waits for a banner and then sends one", "S".getBytes(UTF_8)),
                Arguments.of("SMTP", "EHLO".getBytes(UTF_8)),
                Arguments.of("record of another major version", new byte[] {22, 9}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("firstImpossibleBytes")
    @DisplayName("5: no TLS: closed without a word at the first impossible byte, no upstream dialled")
    void shouldCloseWhatIsNoTls(String what, byte[] bytes) {
        int dialled = rig.backEnd().accepted();
        try (Peer client = rig.connect().send(bytes)) {
            assertThat(client.receive()).as(what).isEqualTo(Received.of(Ending.FIN));
            assertThat(rig.proxy().awaitEnd(client.local()).end()).isEqualTo("not_tls");
        }
        assertThat(rig.backEnd().accepted()).isEqualTo(dialled);
    }

    @Test
    @DisplayName("5: plain HTTP: told that this port speaks TLS")
    void shouldTellHttpClientsWhatThisPortSpeaks() {
        String request = "GET / HTTP/1.1\r\nHost: " + Rig.NAME + "\r\n\r\n";
        Peer client = rig.connect();
        try (client) {
            Answer answer = client.send(request.getBytes(UTF_8)).answer();
            assertThat(answer.text()).startsWith("HTTP/1.1 400 ").contains("TLS");
            assertThat(answer.ending()).isEqualTo(Ending.FIN);
        }
        assertThat(rig.proxy().awaitEnd(client.local()).end()).isEqualTo("plain_http");
    }

    @Test
    @DisplayName("5: a handshake message that is no ClientHello: alert 10")
    void shouldRefuseAServerHello() {
        byte[] bytes = Hello.of(Rig.NAME).bytes();
        bytes[5] = 2;
        assertRefused(bytes, 10);
    }

    @Test
    @DisplayName("6: upper case: canonical form")
    void shouldFoldCase() {
        byte[] hello = Hello.of("BACK.Site.TEST").bytes();
        try (Peer client = rig.connect()) {
            assertArrives(hello, client.send(hello));
            client.finish();
            assertThat(rig.proxy().awaitEnd(client.local()).name()).contains(Rig.NAME);
        }
    }

    static Stream<Arguments> invalidNames() {
        return Stream.of(
                Arguments.of("trailing dot", Rig.NAME + "."),
                Arguments.of("star", "*"),
                Arguments.of("wildcard", "*.site.test"),
                Arguments.of("IPv4 literal", "127.0.0.1"),
                Arguments.of("IPv6 literal", "::1"),
                Arguments.of("raw non-ASCII", "b\u00e4ck.site.test"),
                Arguments.of("NUL in the middle", Rig.NAME + "\0.evil.test"),
                Arguments.of("label of 64", "a".repeat(64) + ".test"),
                Arguments.of("name of 254", ("a".repeat(49) + ".").repeat(5) + "test"),
                Arguments.of("empty label", "back..site.test"),
                Arguments.of("leading dot", "." + Rig.NAME),
                Arguments.of("space", "back site.test"),
                Arguments.of("line break", "a.test\nINFO forged line"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidNames")
    @DisplayName("6: names that are none: alert 112, logged escaped")
    void shouldRefuseInvalidNames(String what, String name) {
        assertRefused(Hello.of(name).bytes(), UNRECOGNIZED_NAME);
        assertThat(rig.proxy().child().output())
                .as(what)
                .noneMatch(line -> line.startsWith("INFO forged"))
                .noneMatch(line -> line.chars().anyMatch(c -> c < ' ' || c > '~'));
    }

    @Test
    @DisplayName("6: underscore: a name like any other")
    void shouldTakeUnderscores() {
        // It is not routed here, and is refused for that and for nothing else.
        Peer client = rig.connect();
        try (client) {
            assertThat(client.send(Hello.of("_dmarc.other.test").bytes())
                            .answer()
                            .alert())
                    .contains(UNRECOGNIZED_NAME);
        }
        assertThat(rig.proxy().awaitEnd(client.local()).end()).isEqualTo("no_route");
    }

    @Test
    @DisplayName("7: two server_name extensions: refused")
    void shouldRefuseTwoServerNameExtensions() {
        assertRefused(Hello.of(Rig.NAME).secondServerName("other.test").bytes(), DECODE_ERROR);
    }

    @Test
    @DisplayName("7: two names in one extension: refused")
    void shouldRefuseTwoNames() {
        assertRefused(Hello.of(Rig.NAME).name("other.test").bytes(), DECODE_ERROR);
    }

    @Test
    @DisplayName("7: name_type other than host_name: as without a name")
    void shouldTreatOtherNameTypesAsNoName() {
        byte[] hello = Hello.anonymous().name(1, Rig.NAME.getBytes(UTF_8)).bytes();
        assertArrivesAtUnnamed(hello);
    }

    @Test
    @DisplayName("8: any length field wrong by one, two, many: refused, nothing read past the end, no upstream dialled")
    void shouldRefuseWrongLengths() {
        Hello hello = Hello.of(Rig.NAME).alpn("h2", "http/1.1");
        byte[] right = hello.bytes();
        int dialled = rig.backEnd().accepted() + unnamed.accepted();
        for (LengthField field : hello.lengthFields()) {
            for (int delta : new int[] {-2, -1, 1, 2, 100}) {
                byte[] wrong = right.clone();
                if (!OPAQUE.contains(field.name()) && shift(wrong, field, delta)) {
                    assertEndsUnrouted(wrong, field + " by " + delta);
                }
            }
        }
        assertThat(rig.backEnd().accepted() + unnamed.accepted()).isEqualTo(dialled);
    }

    /** Adds to a length field; false where the result does not fit into the field. */
    private static boolean shift(byte[] hello, LengthField field, int delta) {
        int value = delta;
        for (int i = 0; i < field.width(); i++) {
            value += (hello[field.offset() + i] & 0xff) << 8 * (field.width() - 1 - i);
        }
        if (value < 0 || value >> 8 * field.width() != 0) {
            return false;
        }
        for (int i = 0; i < field.width(); i++) {
            hello[field.offset() + i] = (byte) (value >> 8 * (field.width() - 1 - i));
        }
        return true;
    }

    private static void assertEndsUnrouted(byte[] hello, String what) {
        Peer client = rig.connect();
        Answer answer;
        try (client) {
            // FIN: where the length promises more than there is, that is the end of it.
            answer = client.send(hello).finish().answer();
        }
        assertThat(answer.ending()).as(what).isEqualTo(Ending.FIN);
        String end = rig.proxy().awaitEnd(client.local()).end();
        assertThat(end).as(what).isIn("hello_invalid", "client_left");
        assertThat(answer.alert().isPresent()).as(what).isEqualTo(end.equals("hello_invalid"));
    }

    @Test
    @DisplayName("9: no server name: no_sni decides")
    void shouldRouteHellosWithoutNameAsConfigured() {
        assertArrivesAtUnnamed(Hello.anonymous().bytes());
    }

    @Test
    @DisplayName("9: encrypted ClientHello: the outer name decides")
    void shouldRouteEncryptedHellosOnTheOuterName() {
        byte[] hello = Hello.of(Rig.NAME).encryptedInner().bytes();
        try (Peer client = rig.connect()) {
            assertArrives(hello, client.send(hello));
        }
    }

    @Test
    @DisplayName("9: a second hello after HelloRetryRequest: passed on unseen, whatever it names")
    void shouldPassOnASecondHello() {
        byte[] second = Hello.of("other.test").postQuantum().bytes();
        byte[] retry = new Payload(9, 100).bytes();
        try (Rig.Link link = rig.open()) {
            link.server().send(retry);
            assertThat(link.client().read(retry.length)).isEqualTo(retry);
            assertThat(link.client().send(second)).isNotNull();
            assertThat(link.server().read(second.length)).isEqualTo(second);
        }
    }

    @Test
    @DisplayName("a name without a route: alert 112")
    void shouldRefuseNamesWithoutRoute() {
        assertRefused(Hello.of("nobody.test").bytes(), UNRECOGNIZED_NAME);
    }

    /** Sends a first flight that must be answered with an alert and FIN, and must reach no back end. */
    private static void assertRefused(byte[] hello, int alert) {
        int dialled = rig.backEnd().accepted() + unnamed.accepted();
        try (Peer client = rig.connect()) {
            client.send(hello);
            Answer answer = client.answer();
            assertThat(answer.alert()).as(answer.toString()).contains(alert);
            assertThat(answer.ending()).isEqualTo(Ending.FIN);
        }
        assertThat(rig.backEnd().accepted() + unnamed.accepted()).isEqualTo(dialled);
    }

    private static void assertArrives(byte[] hello, Peer client) {
        assertRoundTrip(hello, client, rig.backEnd());
    }

    private static void assertArrivesAtUnnamed(byte[] hello) {
        try (Peer client = rig.connect()) {
            assertRoundTrip(hello, client.send(hello), unnamed);
        }
    }

    private static void assertRoundTrip(byte[] hello, Peer client, BackEnd backEnd) {
        byte[] reply = new Payload(2, 300).bytes();
        try (Peer server = backEnd.accept()) {
            byte[] arrived = server.read(hello.length);
            assertThat(Arrays.equals(arrived, hello))
                    .as("the hello as it was sent")
                    .isTrue();
            server.send(reply);
            assertThat(client.read(reply.length)).isEqualTo(reply);
        }
    }
}
