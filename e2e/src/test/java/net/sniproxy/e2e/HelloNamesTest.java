package net.sniproxy.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static net.sniproxy.e2e.HelloRig.DECODE_ERROR;
import static net.sniproxy.e2e.HelloRig.UNRECOGNIZED_NAME;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Stream;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Hello.LengthField;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What first flights say: names that are none, twice or missing, and lengths that are wrong. */
class HelloNamesTest {
    /**
     * Extensions whose content a proxy has no business to read: with another length, what follows is another row of
     * extensions, which may be a sound one.
     */
    private static final Set<String> OPAQUE =
            Set.of("extension 10", "extension 13", "extension key_share", "extension 10794");

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
    @DisplayName("6: upper case: canonical form")
    void shouldFoldCase() {
        byte[] hello = Hello.of("BACK.Site.TEST").bytes();
        try (Peer client = rig.connect()) {
            rig.assertArrives(hello, client.send(hello));
            client.finish();
            assertThat(rig.proxy().awaitEnd(client).name()).contains(Rig.NAME);
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
        rig.assertRefused(Hello.of(name).bytes(), UNRECOGNIZED_NAME);
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
        assertThat(rig.proxy().awaitEnd(client).end()).isEqualTo("no_route");
    }

    @Test
    @DisplayName("7: two server_name extensions: refused")
    void shouldRefuseTwoServerNameExtensions() {
        rig.assertRefused(Hello.of(Rig.NAME).secondServerName("other.test").bytes(), DECODE_ERROR);
    }

    @Test
    @DisplayName("7: two names in one extension: refused")
    void shouldRefuseTwoNames() {
        rig.assertRefused(Hello.of(Rig.NAME).name("other.test").bytes(), DECODE_ERROR);
    }

    @Test
    @DisplayName("7: name_type other than host_name: as without a name")
    void shouldTreatOtherNameTypesAsNoName() {
        byte[] hello = Hello.anonymous().name(1, Rig.NAME.getBytes(UTF_8)).bytes();
        rig.assertArrivesAtUnnamed(hello);
    }

    @Test
    @DisplayName("8: any length field wrong by one, two, many: refused, nothing read past the end, no upstream dialled")
    void shouldRefuseWrongLengths() {
        Hello hello = Hello.of(Rig.NAME).alpn("h2", "http/1.1");
        byte[] right = hello.bytes();
        int dialled = rig.dialled();
        for (LengthField field : hello.lengthFields()) {
            for (int delta : new int[] {-2, -1, 1, 2, 100}) {
                byte[] wrong = right.clone();
                if (!OPAQUE.contains(field.name()) && shift(wrong, field, delta)) {
                    assertEndsUnrouted(wrong, field + " by " + delta);
                }
            }
        }
        assertThat(rig.dialled()).isEqualTo(dialled);
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
        String end = rig.proxy().awaitEnd(client).end();
        assertThat(end).as(what).isIn("hello_invalid", "client_left");
        assertThat(answer.alert().isPresent()).as(what).isEqualTo(end.equals("hello_invalid"));
    }

    @Test
    @DisplayName("9: no server name: no_sni decides")
    void shouldRouteHellosWithoutNameAsConfigured() {
        rig.assertArrivesAtUnnamed(Hello.anonymous().bytes());
    }

    @Test
    @DisplayName("9: encrypted ClientHello: the outer name decides")
    void shouldRouteEncryptedHellosOnTheOuterName() {
        byte[] hello = Hello.of(Rig.NAME).encryptedInner().bytes();
        try (Peer client = rig.connect()) {
            rig.assertArrives(hello, client.send(hello));
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
        rig.assertRefused(Hello.of("nobody.test").bytes(), UNRECOGNIZED_NAME);
    }
}
