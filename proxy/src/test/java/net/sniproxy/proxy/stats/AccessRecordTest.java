package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccessRecordTest {
    @Test
    void shouldWriteEveryFieldOfAConnectionAsText() {
        assertThat(AccessRecord.of(Events.completed("2001:db8::1", "www.example.com", "192.0.2.9", 517, 4096))
                        .text())
                .isEqualTo("time=2026-01-31T12:00:01.234Z client=[2001:db8::1]:443 listener=127.0.0.1:8443"
                        + " name=www.example.com alpn=h2 route=*.example.com target=www.example.com:443"
                        + " upstream=192.0.2.9:443 path=relay bytes_up=517 bytes_down=4096 ms=1234 end=completed");
    }

    @Test
    void shouldLeaveOutWhatARefusedConnectionDoesNotHave() {
        assertThat(AccessRecord.of(Events.refused("192.0.2.1", Ending.HELLO_INVALID, "record length 0"))
                        .text())
                .isEqualTo("time=2026-01-31T12:00:00.003Z client=192.0.2.1:443 listener=127.0.0.1:8443"
                        + " bytes_up=0 bytes_down=0 ms=3 end=hello_invalid detail=\"record length 0\"");
    }

    @Test
    void shouldWriteTheSameAsJsonWithNumbersAndLists() {
        AccessRecord access = AccessRecord.of(connectionOffering(List.of("h2", "http/1.1")));
        JsonNode line = JsonMapper.shared().readTree(access.json());
        assertThat(line.propertyNames())
                .containsExactly(
                        "time",
                        "client",
                        "listener",
                        "name",
                        "alpn",
                        "route",
                        "target",
                        "upstream",
                        "path",
                        "bytes_up",
                        "bytes_down",
                        "ms",
                        "end");
        assertThat(line.get("alpn").toString()).isEqualTo("[\"h2\",\"http/1.1\"]");
        assertThat(line.get("bytes_down").isIntegralNumber()).isTrue();
        assertThat(line.get("bytes_down").asLong()).isEqualTo(4096);
        assertThat(line.get("end").stringValue()).isEqualTo("completed");
    }

    @Test
    void shouldKeepAClientFromForgingFieldsOrLines() {
        String forged = "h2 end=completed\"\n" + "time=2026 \u202e\\";
        AccessRecord access = AccessRecord.of(connectionOffering(List.of(forged)));
        assertThat(access.text())
                .contains(" alpn=\"h2 end=completed\\\"\\ntime=2026 \\u202e\\\\\" route=")
                .doesNotContain("\n");
        assertThat(access.json()).isPrintable().isASCII();
        JsonNode alpn = JsonMapper.shared().readTree(access.json()).get("alpn");
        assertThat(alpn.get(0).stringValue()).isEqualTo(forged);
    }

    private static Closed connectionOffering(List<String> alpn) {
        return Events.closed(
                "192.0.2.1", Optional.of("www.example.com"), alpn, new InetSocketAddress("192.0.2.9", 443), 517, 4096);
    }
}
