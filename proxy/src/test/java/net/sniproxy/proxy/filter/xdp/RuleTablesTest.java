package net.sniproxy.proxy.filter.xdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.BpfLpmTrie;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.kernel.Ipv4Prefix;
import net.sniproxy.proxy.filter.Cidr;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the kernel makes of its tables is what the lists say. */
class RuleTablesTest {
    private static final long NOW = 1_000;

    @Test
    void shouldLeaveOutWhatAnAllowedBlockCovers() {
        RuleTables tables = RuleTables.of(FilterRules.of(
                FilterRig.blocks(List.of("10.0.0.0/8", "2001:db8::/32")),
                FilterRig.blocks(List.of("10.1.0.0/16", "10.0.0.0/8", "10.2.3.4", "2001:db8:1::/48", "0.0.0.0/0"))));

        assertThat(tables.hosts()).isEmpty();
        assertThat(tables.ipv4())
                .isEqualTo(Map.of(
                        new Ipv4Prefix(8, AddressWords.ipv4(address("10.0.0.0"))), FilterMaps.ALLOWED,
                        new Ipv4Prefix(0, 0), FilterMaps.FOR_GOOD));
        assertThat(tables.ipv6().values()).containsExactly(FilterMaps.ALLOWED);
    }

    @Test
    void shouldLeaveOutWhatEndsBeforeAWiderBlockDoes() {
        FilterRules rules = FilterRules.of(List.of(), FilterRig.blocks(List.of("10.0.0.0/8")))
                .withDenied(FilterRig.blocks(List.of("10.1.0.0/16")), NOW + 1);

        assertThat(RuleTables.of(rules).ipv4()).hasSize(1).containsValue(FilterMaps.FOR_GOOD);
    }

    /** The order of the kernel: single addresses, then the longest prefix; over at its end. */
    @Test
    void shouldSayTheSameAsTheListsAtEveryTime() {
        Random random = new Random(2_026);
        for (int round = 0; round < 300; round++) {
            FilterRules rules = randomRules(random);
            RuleTables tables = RuleTables.of(rules);
            BpfLpmTrie<Ipv4Prefix, U64> trie = BpfLpmTrie.of(100);
            tables.ipv4().forEach((prefix, value) -> trie.update(prefix, new U64(value), 0));
            for (int i = 0; i < 256; i++) {
                InetAddress source = address("10.0.0." + i);
                for (long now : new long[] {NOW, NOW + 15, NOW + 25, NOW + 35}) {
                    boolean passes = SourceVerdict.of(source, rules, Optional.empty(), now)
                            .passes();
                    assertThat(kernelPasses(tables, trie, source, !rules.allow().isEmpty(), now))
                            .as("round %d, %s at %d of %s", round, source, now, rules)
                            .isEqualTo(passes);
                }
            }
        }
    }

    private static boolean kernelPasses(
            RuleTables tables, BpfLpmTrie<Ipv4Prefix, U64> trie, InetAddress source, boolean allowList, long now) {
        int word = AddressWords.ipv4(source);
        if (tables.whitelist().containsKey(word)) {
            return true;
        }
        Long host = tables.hosts().get(word);
        if (host != null && inForce(host, now)) {
            return false;
        }
        @Nullable U64 rule = trie.lookup(new Ipv4Prefix(32, word));
        if (rule != null && rule.value == FilterMaps.ALLOWED) {
            return true;
        }
        return (rule == null || !inForce(rule.value, now)) && !allowList;
    }

    private static boolean inForce(long until, long now) {
        return until == FilterMaps.FOR_GOOD || Long.compareUnsigned(now, until) < 0;
    }

    private static FilterRules randomRules(Random random) {
        FilterRules rules = FilterRules.of(randomBlocks(random, random.nextInt(4)), randomBlocks(random, 3));
        for (long until : new long[] {NOW + 10, NOW + 20, NOW + 30}) {
            rules = rules.withDenied(randomBlocks(random, 3), until);
        }
        return rules;
    }

    private static List<Cidr> randomBlocks(Random random, int count) {
        List<Cidr> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(new Cidr(address("10.0.0." + random.nextInt(256)), 24 + random.nextInt(9)));
        }
        return blocks;
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
