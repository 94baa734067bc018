package net.sniproxy.app.hello;

import static net.sniproxy.app.hello.Captures.ACK;
import static net.sniproxy.app.hello.Captures.SYN;
import static net.sniproxy.app.hello.Captures.concat;
import static net.sniproxy.app.hello.Captures.ethernet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.sniproxy.app.hello.Captures.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelloFilesTest {
    private static final byte[] HELLO = Hellos.of("a.example.test", "h2", "http/1.1");
    private static final String LINE = Hellos.line("-", "a.example.test", HELLO, "h2", "http/1.1");
    private static final Flow CLIENT = new Flow(false, 40_000, 443);
    private static final byte[] NOTHING = {};

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    /** Decodes standard input and returns the lines printed. */
    private List<String> decode(byte[] bytes) {
        assertThat(run(bytes, "-")).as(err.toString()).isTrue();
        return out.toString().lines().toList();
    }

    private boolean run(byte[] standardInput, String... files) {
        return new HelloFiles(
                        new ByteArrayInputStream(standardInput), new PrintWriter(out, true), new PrintWriter(err, true))
                .decode(List.of(files));
    }

    private List<String> decodeText(String text) {
        return decode(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] pcap(int linkType, List<byte[]> packets) {
        return Captures.pcap(ByteOrder.LITTLE_ENDIAN, false, linkType, packets);
    }

    /** A connection whose client sends a hello, and whose server answers. */
    private static List<byte[]> connection(Flow client, byte[] hello) {
        return List.of(
                client.segment(999, SYN, NOTHING),
                client.back().segment(4999, SYN | ACK, NOTHING),
                client.segment(1000, ACK, hello),
                client.back().segment(5000, ACK, new byte[] {22, 3, 3, 0, 1, 2}));
    }

    @Test
    void shouldDecodeARawFirstFlight() {
        assertThat(decode(HELLO)).containsExactly(LINE);
    }

    @Test
    void shouldIgnoreWhatFollowsTheHello() {
        assertThat(decode(concat(HELLO, new byte[] {23, 3, 3, 0, 1, 0}))).containsExactly(LINE);
    }

    @Test
    void shouldSayIncompleteOrWhyItIsRefused() {
        assertThat(decode(Arrays.copyOf(HELLO, 100))).containsExactly("{\"file\":\"-\",\"incomplete\":true}");
        out.getBuffer().setLength(0);
        assertThat(decodeText("GET / HTTP/1.1\r\n\r\n"))
                .containsExactly("{\"file\":\"-\",\"refusal\":\"an HTTP request (GET), at byte 0\"}");
    }

    @Test
    void shouldDecodeFilesInTheirOrderAndGoOnBehindBadOnes() throws IOException {
        Path first = Files.write(directory.resolve("first"), HELLO);
        Path broken = Files.write(directory.resolve("broken.pcap"), Arrays.copyOf(pcap(1, List.of(new byte[60])), 50));
        Path last = Files.write(directory.resolve("last"), Hellos.of("z.test"));

        boolean good = run(HELLO, "" + first, directory + "/missing", "" + broken, "-", "" + last);

        assertThat(good).isFalse();
        assertThat(out.toString().lines())
                .containsExactly(
                        Hellos.line("" + first, "a.example.test", HELLO, "h2", "http/1.1"),
                        LINE,
                        Hellos.line("" + last, "z.test", Hellos.of("z.test")));
        assertThat(err.toString().lines())
                .contains(
                        "sni-proxy: " + directory + "/missing: cannot be read (no such file)",
                        "sni-proxy: " + broken + ": cut off in packet 1: 10 of 60 bytes are there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ":", ", 0x", "\n"})
    void shouldDecodePlainHexadecimalDigits(String separator) {
        assertThat(decodeText(HexFormat.ofDelimiter(separator).formatHex(HELLO) + "\n"))
                .containsExactly(LINE);
    }

    @Test
    void shouldDecodeArraysOfC() {
        String digits = HexFormat.ofDelimiter(", ").withPrefix("0x").formatHex(HELLO);

        assertThat(decodeText("unsigned char hello[] = {\n  " + digits + "\n};\nunsigned int hello_len = 340;\n"))
                .containsExactly(LINE);
    }

    @Test
    void shouldDecodeDumpsOfXxd() {
        assertThat(decodeText(dump("%08x: ", 2, "  "))).containsExactly(LINE);
    }

    @Test
    void shouldDecodeDumpsOfWireshark() {
        assertThat(decodeText(dump("%04x   ", 1, "   "))).containsExactly(LINE);
        out.getBuffer().setLength(0);
        assertThat(decodeText(dump("%04x  ", 1, null))).containsExactly(LINE);
    }

    @Test
    void shouldDecodeDumpsOfTcpdump() {
        StringBuilder text = new StringBuilder();
        for (byte[] packet : connection(CLIENT, HELLO)) {
            text.append("12:00:00.000000 IP 10.0.0.2.40000 > 10.0.0.1.443: Flags [P.], length 1\n");
            text.append(dump(packet, "\t0x%04x:  ", 2, null));
        }

        assertThat(decodeText(text.toString())).containsExactly(LINE);
    }

    @Test
    void shouldDecodeDumpsOfFrames() {
        assertThat(decodeText(dump(ethernet(CLIENT.segment(7, ACK, HELLO)), "%04x   ", 1, "   ")))
                .containsExactly(LINE);
    }

    private static String dump(String offset, int group, String textGap) {
        return dump(HELLO, offset, group, textGap);
    }

    /** Lines of 16 bytes, with a column of text that looks like more digits as often as it can. */
    private static String dump(byte[] bytes, String offset, int group, String textGap) {
        StringBuilder dump = new StringBuilder();
        int width = 32 + 16 / group - 1;
        for (int at = 0; at < bytes.length; at += 16) {
            StringBuilder hex = new StringBuilder();
            for (int i = at; i < Math.min(at + 16, bytes.length); i++) {
                hex.append(i > at && (i - at) % group == 0 ? " " : "").append("%02x".formatted(bytes[i]));
            }
            String text =
                    textGap == null ? "" : textGap + "ab cd 0123456789".substring(0, Math.min(16, bytes.length - at));
            dump.append(offset.formatted(at))
                    .append(("%-" + width + "s").formatted(hex))
                    .append(text)
                    .append('\n');
        }
        return dump.toString();
    }

    @Test
    void shouldReadPcapInBothByteOrdersAndPrecisions() {
        List<byte[]> frames =
                connection(CLIENT, HELLO).stream().map(Captures::ethernet).toList();
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (boolean nanoseconds : new boolean[] {false, true}) {
                out.getBuffer().setLength(0);
                assertThat(decode(Captures.pcap(order, nanoseconds, 1, frames))).containsExactly(LINE);
            }
        }
    }

    @Test
    void shouldReadPcapngInBothByteOrdersAndSeveralSections() {
        List<byte[]> frames =
                connection(CLIENT, HELLO).stream().map(Captures::ethernet).toList();
        List<byte[]> others = connection(new Flow(false, 40_001, 443), HELLO).stream()
                .map(Captures::ethernet)
                .toList();
        byte[] file =
                concat(Captures.pcapng(ByteOrder.BIG_ENDIAN, frames), Captures.pcapng(ByteOrder.LITTLE_ENDIAN, others));

        assertThat(decode(file)).containsExactly(LINE, LINE);
    }

    @Test
    void shouldFindIpBehindEveryKindOfLink() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            List<byte[]> packets = connection(new Flow(ipv6, 40_000, 443), HELLO);
            short type = Captures.etherType(packets.getFirst());
            byte[] cooked = ByteBuffer.allocate(16).putShort(14, type).array();
            byte[] cooked2 = ByteBuffer.allocate(20).putShort(0, type).array();
            List<byte[]> files = List.of(
                    pcap(1, packets.stream().map(Captures::ethernet).toList()),
                    pcap(1, packets.stream().map(ip -> ethernet(ip, 0x8100)).toList()),
                    pcap(
                            1,
                            packets.stream()
                                    .map(ip -> ethernet(ip, 0x88a8, 0x8100))
                                    .toList()),
                    pcap(113, packets.stream().map(ip -> concat(cooked, ip)).toList()),
                    pcap(276, packets.stream().map(ip -> concat(cooked2, ip)).toList()),
                    pcap(101, packets),
                    pcap(ipv6 ? 229 : 228, packets),
                    pcap(
                            0,
                            packets.stream()
                                    .map(ip -> concat(new byte[] {2, 0, 0, 0}, ip))
                                    .toList()),
                    pcap(
                            108,
                            packets.stream()
                                    .map(ip -> concat(new byte[] {0, 0, 0, 2}, ip))
                                    .toList()));
            for (byte[] file : files) {
                out.getBuffer().setLength(0);
                assertThat(decode(file)).containsExactly(LINE);
            }
        }
    }

    @Test
    void shouldSkipExtensionHeadersOfIpv6() {
        Flow client = new Flow(true, 40_000, 443);
        List<byte[]> packets = connection(client, HELLO).stream()
                .map(packet -> Captures.withExtensionHeaders(client, packet))
                .toList();

        assertThat(decode(pcap(101, List.of(packets.get(0), packets.get(2))))).containsExactly(LINE);
    }

    @Test
    void shouldPutSegmentsInOrderWhateverOverlapsAndComesTwice() {
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            // The sequence numbers wrap in the middle of the hello.
            int start = -100;
            List<byte[]> packets = new ArrayList<>();
            for (int from = 0; from < HELLO.length; from += 20) {
                int begin = Math.max(0, from - random.nextInt(30));
                byte[] piece = Arrays.copyOfRange(HELLO, begin, Math.min(HELLO.length, from + 20 + random.nextInt(30)));
                packets.add(CLIENT.segment(start + begin, ACK, piece));
            }
            packets.add(packets.get(random.nextInt(packets.size())));
            packets.add(CLIENT.back().segment(77, ACK, new byte[100]));
            packets.add(CLIENT.segment(start - 1, SYN, NOTHING));
            Collections.shuffle(packets, random);

            out.getBuffer().setLength(0);
            assertThat(decode(pcap(101, packets))).containsExactly(LINE);
        }
    }

    @Test
    void shouldTakeTheBytesThatCameFirstWhereSegmentsDiffer() {
        byte[] other = Hellos.of("b.example.test", "h2", "http/1.1");
        List<byte[]> packets = List.of(
                CLIENT.segment(999, SYN, NOTHING), CLIENT.segment(1000, ACK, HELLO), CLIENT.segment(1000, ACK, other));

        assertThat(decode(pcap(101, packets))).containsExactly(LINE);
    }

    @Test
    void shouldSayIncompleteWhereASegmentIsMissing() {
        List<byte[]> packets = List.of(
                CLIENT.segment(999, SYN, NOTHING),
                CLIENT.segment(1000, ACK, Arrays.copyOf(HELLO, 50)),
                CLIENT.segment(1060, ACK, Arrays.copyOfRange(HELLO, 60, HELLO.length)));

        assertThat(decode(pcap(101, packets))).containsExactly("{\"file\":\"-\",\"incomplete\":true}");
    }

    @Test
    void shouldPrintOneLineForEachConnectionInTheOrderOfTheirFirstPackets() {
        List<byte[]> one = connection(new Flow(false, 1001, 443), Hellos.of("one.test"));
        List<byte[]> two = connection(new Flow(false, 1002, 443), Hellos.of("two.test"));
        List<byte[]> again = List.of(
                new Flow(false, 1001, 443).segment(70_000, SYN, NOTHING),
                new Flow(false, 1001, 443).segment(70_001, ACK, Hellos.of("three.test")));
        List<byte[]> silent = List.of(new Flow(false, 1003, 443).segment(1, SYN, NOTHING));
        List<byte[]> mixed =
                new ArrayList<>(List.of(one.get(0), two.get(0), two.get(1), two.get(2), one.get(1), one.get(2)));
        mixed.addAll(silent);
        mixed.addAll(again);

        assertThat(decode(pcap(101, mixed)))
                .extracting(line -> line.replaceAll(".*\"name\":\"([^\"]*)\".*", "$1"))
                .containsExactly("one.test", "two.test", "three.test");
    }

    @Test
    void shouldTellTheClientByItsHelloWhereTheBeginningIsNotInTheCapture() {
        List<byte[]> packets = List.of(
                new Flow(false, 40_009, 443).segment(1, ACK, new byte[] {23, 3, 3, 0, 2, 1, 1}),
                CLIENT.back().segment(5000, ACK, new byte[] {22, 3, 3, 0, 5, 2, 0, 0, 1, 0}),
                CLIENT.segment(1100, ACK, Arrays.copyOfRange(HELLO, 100, HELLO.length)),
                CLIENT.segment(1000, ACK, Arrays.copyOf(HELLO, 100)));

        assertThat(decode(pcap(101, packets))).containsExactly(LINE);
    }

    @Test
    void shouldSayThatACaptureHoldsNoFirstFlight() {
        assertThat(decode(pcap(1, List.of(new byte[60])))).isEmpty();
        assertThat(err.toString().strip())
                .isEqualTo(
                        "sni-proxy: -: holds no first flight of a TLS client (a capture of 1 packets, 0 TCP streams)");
    }

    @Test
    void shouldPrintWhatACutOffCaptureHolds() {
        byte[] whole = pcap(101, connection(CLIENT, HELLO));

        assertThat(run(Arrays.copyOf(whole, whole.length - 3), "-")).isFalse();
        assertThat(out.toString().strip()).isEqualTo(LINE);
        assertThat(err.toString()).contains("cut off in packet 4");
    }

    @Test
    void shouldSurviveDamagedCaptures() {
        Random random = new Random(9);
        List<byte[]> frames =
                connection(CLIENT, HELLO).stream().map(Captures::ethernet).toList();
        List<byte[]> files = List.of(pcap(1, frames), Captures.pcapng(ByteOrder.BIG_ENDIAN, frames));
        int good = 0;
        for (int round = 0; round < 4000; round++) {
            byte[] damaged = files.get(round % 2).clone();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
            }
            err.getBuffer().setLength(0);
            out.getBuffer().setLength(0);
            boolean ok = run(damaged, "-");
            good += ok ? 1 : 0;
            assertThat(err.toString().lines().count()).isLessThanOrEqualTo(2);
            assertThat(ok || !err.toString().isEmpty()).isTrue();
        }
        assertThat(good).isBetween(500, 3900);
    }
}
