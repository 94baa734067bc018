package net.sniproxy.proxy.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import net.sniproxy.proxy.hello.HelloResult.Name;
import net.sniproxy.proxy.hello.HelloResult.NeedMore;
import net.sniproxy.proxy.hello.HelloResult.NoName;
import org.junit.jupiter.api.Test;

/** First flights of clients that nobody here wrote: OpenSSL, curl and the JDK. */
class RealHelloTest {
    /** What the client sends before it needs an answer, from a connection to a port of this test. */
    private static byte[] firstFlight(String... command) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(20_000);
            List<String> words = new ArrayList<>(Arrays.asList(command));
            words.replaceAll(word -> word.replace("PORT", String.valueOf(server.getLocalPort())));
            Process client = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (Socket connection = server.accept()) {
                return readHello(connection);
            } finally {
                client.destroyForcibly();
                assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static byte[] readHello(Socket connection) throws IOException {
        connection.setSoTimeout(20_000);
        InputStream in = connection.getInputStream();
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        HelloResult result = new NeedMore();
        while (result instanceof NeedMore) {
            int next = in.read();
            assertThat(next).as("byte %d of the first flight", bytes.size()).isNotNegative();
            bytes.write(next);
            result = reader.read(new byte[] {(byte) next});
        }
        return bytes.toByteArray();
    }

    private static Name named(byte[] flight) {
        HelloResult result = Reading.whole(flight);
        assertThat(result).isInstanceOf(Name.class);
        assertThat(((Name) result).hello().bytes()).isEqualTo(flight.length);
        return (Name) result;
    }

    @Test
    void shouldReadTheHelloOfOpenSsl() throws Exception {
        Name hello = named(firstFlight(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:PORT",
                "-servername",
                "WWW.Example.Test",
                "-alpn",
                "h2,foo"));

        assertThat(hello.name()).isEqualTo("www.example.test");
        assertThat(hello.hello().alpn()).containsExactly("h2", "foo");
        assertThat(hello.hello().versions()).contains(0x0304, 0x0303);
    }

    @Test
    void shouldReadTheHelloOfOpenSslInTls12() throws Exception {
        Name hello = named(
                firstFlight("openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername", "a.test", "-tls1_2"));

        assertThat(hello.hello().versions()).containsExactly(0x0303);
    }

    @Test
    void shouldReadTheHelloOfOpenSslInSmallRecords() throws Exception {
        Name hello = named(firstFlight(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:PORT",
                "-servername",
                "a.test",
                "-max_send_frag",
                "512",
                "-alpn",
                "protocol-with-a-long-name-".repeat(9) + "," + "another-with-a-long-name-".repeat(9) + ",h2"));

        assertThat(hello.hello().records()).isGreaterThan(1);
        assertThat(hello.hello().alpn()).hasSize(3);
    }

    @Test
    void shouldFindNoNameInAHelloOfOpenSslWithoutOne() throws Exception {
        byte[] flight = firstFlight("openssl", "s_client", "-connect", "127.0.0.1:PORT", "-noservername");

        assertThat(Reading.whole(flight)).isInstanceOf(NoName.class);
    }

    @Test
    void shouldReadTheHelloOfCurl() throws Exception {
        Name hello =
                named(firstFlight("curl", "-sk", "--connect-to", "::127.0.0.1:PORT", "https://curl.example.test/"));

        assertThat(hello.name()).isEqualTo("curl.example.test");
        assertThat(hello.hello().alpn()).contains("http/1.1");
    }

    @Test
    void shouldReadTheHelloOfTheJdk() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("jdk.example.test")));
        parameters.setApplicationProtocols(new String[] {"h2"});
        engine.setSSLParameters(parameters);
        java.nio.ByteBuffer packet =
                java.nio.ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(java.nio.ByteBuffer.allocate(0), packet);
        byte[] flight = Arrays.copyOf(packet.array(), packet.position());

        Name hello = named(flight);
        assertThat(hello.name()).isEqualTo("jdk.example.test");
        assertThat(hello.hello().alpn()).containsExactly("h2");
    }
}
