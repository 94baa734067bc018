package net.sniproxy.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static net.sniproxy.e2e.HelloRig.DECODE_ERROR;
import static net.sniproxy.e2e.HelloRig.HELLO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
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
    @AutoClose
    private static HelloRig rig;

    @BeforeAll
    static void start() {
        rig = new HelloRig();
    }

    @BeforeEach
    void forgetLeftovers() {
        rig.forgetLeftovers();
    }

    @Test
    @DisplayName("1: slow hello: one deadline from accept, not one per read; closed and counted")
    void shouldEndAHelloThatComesTooSlowly() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        try (HelloRig hurried = new HelloRig(Duration.ofSeconds(3));
                Peer slow = hurried.connect();
                Peer silent = hurried.connect()) {
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
            assertThat(hurried.proxy().awaitEnd(slow).end()).isEqualTo("hello_timeout");
            assertThat(hurried.proxy().awaitEnd(silent).end()).isEqualTo("hello_timeout");
            assertThat(hurried.dialled()).isZero();
        }
    }

    @Test
    @DisplayName("2: one byte per packet: routed, every byte passed on as it came")
    void shouldRouteAHelloOfSingleBytes() {
        byte[] hello = Hello.of(Rig.NAME).postQuantum().bytes();
        try (Peer client = rig.connect()) {
            client.sendSlowly(hello, 1, Duration.ZERO);
            rig.assertArrives(hello, client);
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
                rig.assertArrives(hello, client);
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
                rig.assertArrives(hello, client.send(hello));
            }
        }
    }

    @Test
    @DisplayName("2: no answer and no upstream before the hello is complete")
    void shouldWaitForTheLastByte() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        int dialled = rig.dialled();
        try (Peer client = rig.connect()) {
            client.send(hello, 0, hello.length - 1);
            assertThat(client.silentFor(Duration.ofMillis(300))).isTrue();
            assertThat(rig.dialled()).isEqualTo(dialled);
            rig.assertArrives(hello, client.send(hello, hello.length - 1, 1));
        }
    }

    @Test
    @DisplayName("3: hello over 20 records, the name cut between two: routed")
    void shouldRouteWhenTheNameIsCutByARecord() {
        byte[] hello =
                Hello.of(Rig.NAME).padding(60).recordsOf(Rig.NAME.length() - 1).bytes();
        assertThat(new String(hello, ISO_8859_1)).doesNotContain(Rig.NAME);
        try (Peer client = rig.connect()) {
            rig.assertArrives(hello, client.send(hello));
        }
    }

    @Test
    @DisplayName("4: 21 KB hello: routed")
    void shouldRouteALargeHello() {
        byte[] hello = Hello.of(Rig.NAME).padding(21_000).bytes();
        try (Peer client = rig.connect()) {
            rig.assertArrives(hello, client.send(hello));
        }
    }

    @Test
    @DisplayName("4: hello over the limit: refused at the limit")
    void shouldRefuseAHelloOverTheLimit() {
        rig.assertRefused(Hello.of(Rig.NAME).padding(HELLO_LIMIT + 1000).bytes(), DECODE_ERROR);
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
        int dialled = rig.dialled();
        try (Peer client = rig.connect().send(bytes)) {
            assertThat(client.receive()).as(what).isEqualTo(Received.of(Ending.FIN));
            assertThat(rig.proxy().awaitEnd(client).end()).isEqualTo("not_tls");
        }
        assertThat(rig.dialled()).isEqualTo(dialled);
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
        assertThat(rig.proxy().awaitEnd(client).end()).isEqualTo("plain_http");
    }

    @Test
    @DisplayName("5: a handshake message that is no ClientHello: alert 10")
    void shouldRefuseAServerHello() {
        byte[] bytes = Hello.of(Rig.NAME).bytes();
        bytes[5] = 2;
        rig.assertRefused(bytes, 10);
    }
}
