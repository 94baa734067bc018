package net.sniproxy.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EscapeTest {
    private record Case(String text, String escaped) {}

    @Test
    void shouldShowEverythingThatCouldForgeALine() {
        List<Case> cases = List.of(
                new Case("www.example.com", "www.example.com"),
                new Case("naïve 名前", "naïve 名前"),
                new Case("a\nb", "a\\nb"),
                new Case("a\r\n2026-01-01 ERROR forged", "a\\r\\n2026-01-01 ERROR forged"),
                new Case("tab\there", "tab\\there"),
                new Case("\u001b[31mred", "\\u001b[31mred"),
                new Case("nul\u0000 del\u007f c1\u0085", "nul\\u0000 del\\u007f c1\\u0085"),
                new Case("line\u2028para\u2029", "line\\u2028para\\u2029"),
                new Case("rtl\u202egnp.exe", "rtl\\u202egnp.exe"),
                new Case("smile \ud83d\ude00", "smile \ud83d\ude00"),
                new Case("half \ud83d", "half \\ud83d"),
                new Case("half \ude00!", "half \\ude00!"));
        for (Case each : cases) {
            assertThat(Escape.controls(each.text())).isEqualTo(each.escaped());
        }
    }

    @Test
    void shouldLeaveNothingUnsafeInRandomTextAndChangeNothingTheSecondTime() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(20, 0, 0x10000).forEach(c -> text.append((char) c));
            String escaped = Escape.controls(text.toString());
            assertThat(escaped.lines()).hasSize(1);
            assertThat(escaped.chars()).noneMatch(Character::isISOControl);
            assertThat(Escape.controls(escaped)).isEqualTo(escaped);
        }
    }
}
