package net.sniproxy.proxy.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static CidrSet set(String... blocks) {
        return CidrSet.of(Stream.of(blocks).map(Cidr::parse).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3, 10.1.2.3/32",
        "0.0.0.0/0, 0.0.0.0/0",
        "::1, ::1/128",
        "2001:db8:ffff::/33, 2001:db8:8000::/33",
        "::ffff:10.0.0.0/104, 10.0.0.0/8",
        "::ffff:10.0.0.1, 10.0.0.1/32"
    })
    void shouldClearTheBitsBehindThePrefix(String text, String canonical) {
        assertThat(Cidr.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "10.0.0/8",
                "256.0.0.1",
                "::/129",
                "localhost",
                "10.0.0.0 /8",
                "0x0a000001",
                "::ffff:10.0.0.0/8",
                "fe80::1%eth0",
                "1::2::3",
                "10.0.0.0/+8"
            })
    void shouldRefuseWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHoldNothingWhenEmpty() {
        assertThat(set().isEmpty()).isTrue();
        assertThat(set().contains(address("127.0.0.1"))).isFalse();
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        assertThat(set("0.0.0.0/0").contains(address("2001:db8::1"))).isFalse();
        assertThat(set("::/0").contains(address("10.0.0.1"))).isFalse();
        assertThat(set("::/0", "0.0.0.0/0").contains(address("10.0.0.1"))).isTrue();
    }

    @Test
    void shouldTreatMappedAddressesAsIpv4() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        mapped[15] = 1;

        assertThat(set("10.0.0.0/8").contains(InetAddress.getByAddress(mapped))).isTrue();
    }

    @Test
    void shouldHoldTheFirstAndTheLastAddressOfEachBlockAndNoNeighbour() {
        CidrSet blocks = set("10.0.0.0/30", "10.0.0.8/29", "2001:db8::/127");

        assertThat(Stream.of("10.0.0.0", "10.0.0.3", "10.0.0.8", "10.0.0.15", "2001:db8::", "2001:db8::1"))
                .allMatch(text -> blocks.contains(address(text)));
        assertThat(Stream.of("9.255.255.255", "10.0.0.4", "10.0.0.7", "10.0.0.16", "2001:db8::2", "2001:db7::ffff"))
                .noneMatch(text -> blocks.contains(address(text)));
    }

    @Test
    void shouldAgreeWithLookingAtEveryBlock() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            List<Cidr> blocks = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                blocks.add(Cidr.parse(
                        "10.0." + random.nextInt(4) + "." + random.nextInt(256) + "/" + (20 + random.nextInt(13))));
            }
            CidrSet set = CidrSet.of(blocks);
            for (int i = 0; i < 200; i++) {
                InetAddress wanted = address("10.0." + random.nextInt(5) + "." + random.nextInt(256));
                boolean held = blocks.stream()
                        .anyMatch(block ->
                                new Cidr(wanted, block.prefix()).network().equals(block.network()));
                assertThat(set.contains(wanted)).as("%s in %s", wanted, blocks).isEqualTo(held);
            }
        }
    }
}
