package net.sniproxy.proxy.filter.xdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.filter.Cidr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddedRulesTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    @TempDir
    Path folder;

    private Optional<Path> file() {
        return Optional.of(folder.resolve("lists.json"));
    }

    private static Cidr block(String text) {
        return Cidr.parse(text);
    }

    @Test
    void shouldKeepEveryRuleAndItsEnd() throws StartException {
        long now = System.nanoTime();
        FilterRules rules = new FilterRules(
                Set.of(block("10.0.0.0/8"), block("2001:db8::/32")),
                Map.of(
                        block("192.0.2.7/32"),
                        FilterMaps.FOR_GOOD,
                        block("198.51.100.0/24"),
                        now + 10 * MINUTE,
                        block("203.0.113.0/24"),
                        now - 1));
        AddedRules.keep(file(), rules);
        FilterRules read = AddedRules.restore(file());
        assertThat(read.allow()).isEqualTo(rules.allow());
        assertThat(read.deny().keySet())
                .as("without what is over")
                .containsExactlyInAnyOrder(block("192.0.2.7/32"), block("198.51.100.0/24"));
        assertThat(read.deny()).containsEntry(block("192.0.2.7/32"), FilterMaps.FOR_GOOD);
        assertThat(read.deny().get(block("198.51.100.0/24"))).isCloseTo(now + 10 * MINUTE, within(MINUTE));
    }

    @Test
    void shouldBeginWithNothingWhereThereIsNoFile() throws StartException {
        assertThat(AddedRules.restore(file()).allow()).isEmpty();
        assertThat(AddedRules.restore(Optional.empty()).deny()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"format\": 2, \"allow\": [], \"deny\": []}",
                "{\"format\": 1, \"allow\": []}",
                "{\"format\": 1, \"allow\": [7], \"deny\": []}",
                "{\"format\": 1, \"allow\": [\"nobody\"], \"deny\": []}",
                "{\"format\": 1, \"allow\": [], \"deny\": [{\"source\": \"192.0.2.1\", \"until\": \"soon\"}]}",
                "{\"format\": 1, \"allow\": [], \"deny\": [{\"source\": \"192.0.2.1\","
                        + " \"until\": \"+999999999-01-01T00:00:00Z\"}]}",
                "{\"format\": 1, \"allow\": [], \"deny\": [{\"until\": \"2026-01-01T00:00:00Z\"}]}",
                "{\"format\": 1, \"allow\": [\"10.0.0.0/8\"], \"den"
            })
    void shouldRefuseAFileThatIsNotWhole(String text) throws Exception {
        Files.writeString(file().orElseThrow(), text);
        assertThatThrownBy(() -> AddedRules.restore(file()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("ebpf.xdp.persistence_file " + file().orElseThrow())
                .hasMessageContaining("mend it, or remove it");
        assertThat(Files.readString(file().orElseThrow())).isEqualTo(text);
    }

    @Test
    void shouldSayThatAChangeIsInForceButNotKept() throws Exception {
        Path blocked = Files.writeString(folder.resolve("file"), "").resolve("lists.json");
        assertThatThrownBy(() -> AddedRules.keep(Optional.of(blocked), FilterRules.of(List.of(), List.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in force, but forgotten at the next start: " + blocked);
    }
}
