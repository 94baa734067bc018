package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;

/** A relaying proxy for tests of first flights, with a back end for {@link Rig#NAME} and one for hellos without a name. */
final class HelloRig implements AutoCloseable {
    /** Alert: what the hello says contradicts itself or is too long. */
    static final int DECODE_ERROR = 50;
    /** Alert: the name is none, or leads nowhere. */
    static final int UNRECOGNIZED_NAME = 112;
    /** Bytes of the longest hello that is taken. */
    static final int HELLO_LIMIT = 32_768;

    private final BackEnd unnamed = BackEnd.start(InetAddress.ofLiteral("127.0.0.1"));
    private final Rig rig;

    /** Gives a hello all the time that a slow machine may need. */
    HelloRig() {
        this(Duration.ofMinutes(2));
    }

    /** Gives a hello this much time. */
    HelloRig(Duration helloTimeout) {
        rig = Rig.start(
                DataPath.RELAY,
                config -> config.set("timeouts.hello", helloTimeout.toSeconds() + "s")
                        .set("limits.hello_bytes", HELLO_LIMIT)
                        .set("no_sni", unnamed.target()));
    }

    ProxyProcess proxy() {
        return rig.proxy();
    }

    Peer connect() {
        return rig.connect();
    }

    Rig.Link open() {
        return rig.open();
    }

    /** Connections that have reached one of the back ends so far. */
    int dialled() {
        return rig.backEnd().accepted() + unnamed.accepted();
    }

    /** Closes what an earlier test has left unread. */
    void forgetLeftovers() {
        rig.backEnd().discardPending();
        unnamed.discardPending();
    }

    /** Sends a first flight that must be answered with an alert and FIN, and must reach no back end. */
    void assertRefused(byte[] hello, int alert) {
        int before = dialled();
        try (Peer client = connect()) {
            client.send(hello);
            Answer answer = client.answer();
            assertThat(answer.alert()).as(answer.toString()).contains(alert);
            assertThat(answer.ending()).isEqualTo(Ending.FIN);
        }
        assertThat(dialled()).isEqualTo(before);
    }

    /** What the client has sent must have come to the back end of the name, whose answer must come back. */
    void assertArrives(byte[] hello, Peer client) {
        assertRoundTrip(hello, client, rig.backEnd());
    }

    /** Sends a first flight that must come to the back end for those without a name. */
    void assertArrivesAtUnnamed(byte[] hello) {
        try (Peer client = connect()) {
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

    @Override
    public void close() {
        rig.close();
        unnamed.close();
    }
}
