package net.sniproxy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First and last address of each block that is not public, and their neighbours that are. */
class SpecialPurposeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.255.255.255",
                "10.0.0.0",
                "10.255.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.0.0",
                "169.254.169.254",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.0",
                "192.0.2.255",
                "192.88.99.1",
                "192.168.0.0",
                "192.168.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.7",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.0",
                "255.255.255.255",
                "::",
                "::1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "3fff:fff::1",
                "5f00::1",
                "fc00::",
                "fdff:ffff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "::10.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b::7f00:1",
                "2002:a00:1::1",
                "2002:7f00:1::"
            })
    void shouldNotBePublic(String address) {
        assertThat(SpecialPurpose.contains(InetAddress.ofLiteral(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
                "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                "64:ff9b::8.8.8.8", "64:ff9b:2::1", "100:0:0:1::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1",
                "2002:808:808::1", "2606:4700::1", "3ffe:ffff::1", "4000::1", "5f01::1", "fbff:ffff::1",
                "::ffff:8.8.8.8"
            })
    void shouldBePublic(String address) {
        assertThat(SpecialPurpose.contains(InetAddress.ofLiteral(address))).isFalse();
    }

    @Test
    void shouldRefuseNamesOfPrivateAddressesAndTheProxyItselfAlways() {
        var self = new InetSocketAddress(InetAddress.ofLiteral("198.20.0.1"), 443);
        var strict = new AddressPolicy(true, self::equals);
        var lax = new AddressPolicy(false, self::equals);
        var inside = new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 443);
        assertThat(strict.refusal(inside, true)).contains("10.0.0.1 is not a public address");
        assertThat(strict.refusal(inside, false)).isEmpty();
        assertThat(lax.refusal(inside, true)).isEmpty();
        assertThat(strict.refusal(self, true)).contains("198.20.0.1:443 is this proxy");
        assertThat(lax.refusal(self, false)).contains("198.20.0.1:443 is this proxy");
    }
}
