package net.sniproxy.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.resolver.dns.DnsCacheEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.testing.DescriptorLeakCheck;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.kernel.DnsHashKey;
import net.sniproxy.kernel.DnsMaps;
import net.sniproxy.kernel.DnsName;
import net.sniproxy.kernel.DnsRecord;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.dns.AddressCache.Lifetimes;
import net.sniproxy.proxy.dns.NameCache.Age;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The cache of names in the kernel's map: lives, evictions, what is checked on a hit, and restarts. */
@KernelTest
class KernelNameCacheTest {
    private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8::1");
    private static final int ENTRIES = 1000;

    private final List<AutoCloseable> owned = new ArrayList<>();
    private long seconds = 1;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : owned.reversed()) {
            each.close();
        }
    }

    private KernelCacheMaps maps(Optional<Path> pin) {
        KernelCacheMaps maps = KernelCacheMaps.open(Kernel.running(), ENTRIES, pin);
        owned.add(maps);
        return maps;
    }

    private KernelNameCache cache(KernelCacheMaps maps, DnsHashKey secret, int family, int stale) {
        var lifetimes =
                new Lifetimes(Duration.ZERO, Duration.ofHours(1), Duration.ofSeconds(10), Duration.ofSeconds(stale));
        return new KernelNameCache(
                maps,
                secret,
                family,
                lifetimes,
                () -> Duration.ofSeconds(seconds).toNanos());
    }

    private KernelNameCache cache() {
        KernelCacheMaps maps = maps(Optional.empty());
        return cache(maps, maps.secretFor(1), NameKey.IPV4, 0);
    }

    private static List<InetAddress> addresses(NameCache cache, String name) {
        return cache.find(name).entries().stream()
                .<InetAddress>map(DnsCacheEntry::address)
                .toList();
    }

    @Test
    void shouldKeepAnAnswerForItsTtl() {
        KernelNameCache cache = cache();
        cache.store("a.test", List.of(FIRST, SECOND), 100);
        assertThat(addresses(cache, "A.Test.")).containsExactly(FIRST, SECOND);
        seconds += 89;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.FRESH);
        seconds += 10;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.EXPIRING);
        seconds += 1;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.UNKNOWN);
        assertThat(cache.remembered()).isZero();
    }

    @Test
    void shouldReplaceAnAnswerAsAWhole() {
        KernelNameCache cache = cache();
        cache.store("a.test", List.of(FIRST, SECOND), 100);
        seconds += 1;
        cache.store("a.test", List.of(SECOND), 100);
        assertThat(addresses(cache, "a.test")).containsExactly(SECOND);
        cache.store("a.test", List.of(FIRST), 0);
        assertThat(cache.find("a.test").age()).isEqualTo(Age.UNKNOWN);
    }

    @Test
    void shouldRememberThatANameHasNoAddressAndNeverUseThatStale() {
        KernelCacheMaps maps = maps(Optional.empty());
        KernelNameCache cache = cache(maps, maps.secretFor(1), NameKey.IPV4, 60);
        cache.store("a.test", List.of(), 0);
        assertThat(cache.find("a.test").entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.cause()).hasMessage("a.test"));
        seconds += 10;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.UNKNOWN);
    }

    @Test
    void shouldUseAStaleAnswerWithinItsBoundOnly() {
        KernelCacheMaps maps = maps(Optional.empty());
        KernelNameCache cache = cache(maps, maps.secretFor(1), NameKey.IPV4, 30);
        cache.store("a.test", List.of(FIRST), 10);
        seconds += 39;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.STALE);
        assertThat(cache.get("a.test", null)).isEmpty();
        assertThat(addresses(cache, "a.test")).containsExactly(FIRST);
        seconds += 1;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.UNKNOWN);
    }

    @Test
    void shouldWriteTheRecordAsTheOriginalLaidItOut() {
        KernelCacheMaps maps = maps(Optional.empty());
        DnsHashKey secret = maps.secretFor(1);
        cache(maps, secret, NameKey.IPV4, 0).store("a.test", List.of(FIRST, SECOND), 100);
        cache(maps, secret, NameKey.IPV6, 0).store("a.test", List.of(V6), 50);
        long now = Duration.ofSeconds(seconds).toNanos();
        assertThat(records(maps).snapshot().values())
                .containsExactlyInAnyOrder(
                        new DnsRecord((byte) 4, FIRST.getAddress(), new byte[16], now, 100),
                        new DnsRecord((byte) 6, new byte[4], V6.getAddress(), now, 50));
    }

    private static TypedMap<Long, DnsRecord> records(KernelCacheMaps maps) {
        return TypedMap.of(maps.cache(), Codec.u64(), Codec.of(DnsRecord.class));
    }

    @Test
    void shouldNotKnowWhatIsNoLongerInTheMap() {
        KernelCacheMaps maps = maps(Optional.empty());
        KernelNameCache cache = cache(maps, maps.secretFor(1), NameKey.IPV4, 0);
        cache.store("a.test", List.of(FIRST), 100);
        records(maps).deleteAll(records(maps).snapshot().keySet());
        seconds += 1;
        assertThat(cache.find("a.test").age()).isEqualTo(Age.UNKNOWN);
    }

    /** As if the hashes of two names were equal: everything of one stands under the key of the other. */
    @Test
    void shouldNotTakeOneNameForAnother() {
        KernelCacheMaps maps = maps(Optional.empty());
        DnsHashKey secret = maps.secretFor(1);
        KernelNameCache cache = cache(maps, secret, NameKey.IPV4, 0);
        TypedMap<Long, DnsName> names = TypedMap.of(maps.names(), Codec.u64(), Codec.of(DnsName.class));
        cache.store("other.test", List.of(SECOND), 100);
        long other = records(maps).snapshot().keySet().iterator().next();
        DnsRecord record = records(maps).lookup(other).orElseThrow();
        DnsName name = names.lookup(other).orElseThrow();
        seconds += 1;
        cache.store("victim.test", List.of(FIRST), 100);
        long victim = records(maps).snapshot().keySet().stream()
                .filter(key -> key != other)
                .findFirst()
                .orElseThrow();

        records(maps).update(victim, record);
        names.update(victim, name);
        seconds += 1;
        assertThat(cache.find("victim.test").age()).isEqualTo(Age.UNKNOWN);
        KernelNameCache next = cache(maps, secret, NameKey.IPV4, 0);
        assertThat(next.find("victim.test").age()).as("behind a restart").isEqualTo(Age.UNKNOWN);
        assertThat(addresses(next, "other.test")).containsExactly(SECOND);
    }

    /** The two maps are not written in one step. */
    @Test
    void shouldNotTakeTheNameOfAnotherRecord() {
        KernelCacheMaps maps = maps(Optional.empty());
        KernelNameCache cache = cache(maps, maps.secretFor(1), NameKey.IPV4, 0);
        cache.store("victim.test", List.of(FIRST), 100);
        long victim = records(maps).snapshot().keySet().iterator().next();
        cache.store("other.test", List.of(SECOND), 100);
        DnsRecord other = records(maps).snapshot().entrySet().stream()
                .filter(entry -> entry.getKey() != victim)
                .findFirst()
                .orElseThrow()
                .getValue();
        seconds += 1;
        records(maps).update(victim, new DnsRecord(other.ipType(), other.ipv4(), other.ipv6(), 77, other.ttl()));
        assertThat(cache.find("victim.test").age()).isEqualTo(Age.UNKNOWN);
        assertThat(addresses(cache, "other.test")).containsExactly(SECOND);
    }

    @Test
    void shouldStayBoundedWhateverIsAskedForAndKeepWhatIsInUse() {
        KernelNameCache cache = cache();
        cache.store("popular.test", List.of(FIRST), 3600);
        for (int i = 0; i < 20 * ENTRIES; i++) {
            cache.store("n" + i + ".test", List.of(SECOND), 3600);
            if (i % 100 == 0) {
                seconds += 10;
                assertThat(addresses(cache, "popular.test"))
                        .as("after %d names", i)
                        .containsExactly(FIRST);
            }
        }
        assertThat(cache.remembered()).isLessThanOrEqualTo(3 * ENTRIES);
    }

    @Test
    void shouldKeepItsAnswersOverARestartWhenPinned() {
        TestBpfFileSystem files = TestBpfFileSystem.mount();
        owned.add(files);
        Optional<Path> pin = Optional.of(files.root().resolve("names"));
        List<InetAddress> many = IntStream.range(0, 16)
                .<InetAddress>mapToObj(i -> InetAddress.ofLiteral("2001:db8::" + (i + 1)))
                .toList();
        try (KernelCacheMaps before = KernelCacheMaps.open(Kernel.running(), ENTRIES, pin)) {
            DnsHashKey secret = before.secretFor(5);
            cache(before, secret, NameKey.IPV4, 0).store("a.test", List.of(FIRST, SECOND), 100);
            cache(before, secret, NameKey.IPV4, 0).store("none.test", List.of(), 0);
            cache(before, secret, NameKey.IPV6, 0).store("a.test", many, 100);
        }
        KernelCacheMaps after = maps(pin);
        DnsHashKey secret = after.secretFor(5);
        seconds += 5;
        assertThat(addresses(cache(after, secret, NameKey.IPV4, 0), "a.test")).containsExactly(FIRST, SECOND);
        assertThat(addresses(cache(after, secret, NameKey.IPV6, 0), "a.test")).isEqualTo(many);
        assertThat(cache(after, secret, NameKey.IPV4, 0).find("none.test").entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.cause()).isNotNull());
        assertThat(cache(after, after.secretFor(6), NameKey.IPV4, 0)
                        .find("a.test")
                        .age())
                .as("answers of other name servers")
                .isEqualTo(Age.UNKNOWN);
        try (KernelCacheMaps larger = KernelCacheMaps.open(Kernel.running(), 2 * ENTRIES, pin)) {
            assertThat(larger.cache().info().maxEntries()).isEqualTo(2 * ENTRIES);
        }
    }

    @Test
    void shouldRemoveItsPinsWithTheirDirectoryAndNothingElse() throws IOException {
        TestBpfFileSystem files = TestBpfFileSystem.mount();
        owned.add(files);
        for (Path pin : List.of(files.root().resolve("names"), files.root())) {
            KernelCacheMaps.open(Kernel.running(), ENTRIES, Optional.of(pin)).close();
            assertThat(KernelCacheSource.detach(pin)).hasSize(3).allMatch(path -> path.startsWith(pin));
            assertThat(KernelCacheSource.detach(pin)).isEmpty();
        }
        assertThat(files.root().resolve("names")).doesNotExist();
        assertThat(files.root()).as("where a file system is mounted").isDirectory();

        Path shared = files.root().resolve("shared");
        KernelCacheMaps.open(Kernel.running(), ENTRIES, Optional.of(shared)).close();
        Path foreign = Files.createDirectory(shared.resolve("foreign"));
        assertThat(KernelCacheSource.detach(shared)).hasSize(3);
        assertThat(foreign).isDirectory();
    }

    @Test
    void shouldCloseTheMapsThatItHasOpenedWhenAnotherCannotBe() throws IOException {
        TestBpfFileSystem files = TestBpfFileSystem.mount();
        owned.add(files);
        Path pin = files.root().resolve("names");
        KernelCacheMaps.open(Kernel.running(), ENTRIES, Optional.of(pin)).close();
        Path last = pin.resolve(DnsMaps.hashKey().name());
        Files.delete(last);
        Files.createDirectory(last);
        DescriptorLeakCheck.Snapshot before = DescriptorLeakCheck.Snapshot.now();
        assertThatThrownBy(() -> KernelCacheMaps.open(Kernel.running(), ENTRIES, Optional.of(pin)))
                .isInstanceOf(BpfException.class);
        before.failOnLeaks("the cache");
    }

    @Test
    void shouldFindNothingOfOtherNameServersAfterAReload() {
        var source =
                KernelCacheSource.start(Kernel.running(), new EbpfConfig.DnsCache(true, ENTRIES, Optional.empty()));
        owned.add(source);
        source.caches(dns("192.0.2.53")).v4().store("a.test", List.of(FIRST), 100);
        assertThat(addresses(source.caches(dns("192.0.2.53")).v4(), "a.test")).containsExactly(FIRST);
        assertThat(addresses(source.caches(dns("192.0.2.54")).v4(), "a.test")).isEmpty();
    }

    private static DnsConfig dns(String server) {
        return new DnsConfig(
                List.of(new InetSocketAddress(server, 53)),
                DnsConfig.Family.IPV4_FIRST,
                Duration.ZERO,
                Duration.ofDays(1),
                Duration.ofSeconds(10),
                Duration.ZERO,
                false);
    }

    @Test
    void shouldGiveManyThreadsTheRightAddresses() throws Exception {
        KernelNameCache cache = cache();
        int names = 200;
        for (int i = 0; i < names; i++) {
            cache.store("n" + i + ".test", List.of(numbered(i)), 100);
        }
        Callable<Integer> reader = () -> {
            int found = 0;
            for (int round = 0; round < 5_000; round++) {
                int number = round * 7 % names;
                List<InetAddress> addresses = addresses(cache, "n" + number + ".test");
                assertThat(addresses).isSubsetOf(List.of(numbered(number)));
                found += addresses.size();
            }
            return found;
        };
        Callable<Integer> writer = () -> {
            for (int round = 0; round < 5_000; round++) {
                cache.store("n" + round % names + ".test", List.of(numbered(round % names)), 100);
            }
            return 1;
        };
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> done : threads.invokeAll(List.of(reader, writer, reader, writer))) {
                assertThat(done.get()).isPositive();
            }
        }
    }

    private static InetAddress numbered(int number) {
        return InetAddress.ofLiteral("198.51.100." + number);
    }
}
