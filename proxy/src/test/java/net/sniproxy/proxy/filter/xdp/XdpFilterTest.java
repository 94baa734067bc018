package net.sniproxy.proxy.filter.xdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelFacts;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.sys.SystemCalls;
import net.sniproxy.bpf.testing.DescriptorLeakCheck;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestPrograms;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.config.EbpfConfig.Scope;
import net.sniproxy.proxy.config.EbpfConfig.XdpMode;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.stats.Events;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The source filter on a real interface, with real connections through it. */
@KernelTest
class XdpFilterTest {
    private static final String GOOD = "10.99.0.2";
    private static final String BAD = "10.99.0.3";
    /** Its driver knows no XDP. */
    private static final String LOOPBACK = "lo";

    private static final int XDP_PASS = 2;

    private static final int MILLION = 1_000_000;
    private static final int MOST_LOADS = 5;
    /** So few that they may send much less together than the slowest machine sends. */
    private static final int FLOODERS = 4;

    private final FilterRig rig = new FilterRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldLetInWhoIsAllowedAndNobodyElse() {
        try (XdpFilter filter = rig.start(FilterRig.config(List.of(GOOD, "fd00:99::/64"), List.of()))) {
            assertThat(filter.status().interfaces()).isEqualTo(Map.of(FilterRig.DEVICE, "native"));
            assertThat(rig.greets(GOOD)).isTrue();
            assertThat(rig.greets("fd00:99::2")).isTrue();
            assertThat(rig.greetsAtOnce(BAD)).isFalse();
            awaitDrop(filter, DropReason.NOT_ALLOWED);
            assertThat(filter.status().passed()).isPositive();
            assertThat(filter.explain(address(GOOD)).passes()).isTrue();
            assertThat(filter.explain(address(BAD)).passes()).isFalse();
        }
    }

    @Test
    void shouldDetachWhenItEnds() {
        rig.start(FilterRig.config(List.of(), List.of(BAD))).close();

        assertThat(rig.server.run("ip", "link", "show", FilterRig.DEVICE)).doesNotContain("xdp");
        assertThat(rig.greets(BAD)).isTrue();
    }

    @Test
    void shouldDenyUntilTheTimeIsOverAndLetAllowWin() {
        try (XdpFilter filter = rig.start(FilterRig.config(List.of(), List.of("10.99.0.4")))) {
            List<Cidr> everybody = FilterRig.blocks(List.of("10.99.0.0/24", "fd00:99::/64"));
            filter.deny(everybody, Optional.of(Duration.ofHours(1)));
            assertThat(rig.greetsAtOnce(BAD)).isFalse();
            assertThat(rig.greetsAtOnce("fd00:99::2")).isFalse();
            filter.deny(everybody, Optional.of(Duration.ofSeconds(1)));
            Eventually.holds(() -> assertThat(rig.greetsAtOnce(BAD)).isTrue());

            assertThat(rig.greetsAtOnce("10.99.0.4")).as("denied for good").isFalse();
            filter.allow(FilterRig.blocks(List.of("10.99.0.4/31")));
            assertThat(rig.greets("10.99.0.4")).isTrue();
            assertThat(rig.greetsAtOnce(BAD)).as("there is an allow list now").isFalse();
            filter.removeAllowed(FilterRig.blocks(List.of("10.99.0.4/31")));
            assertThat(rig.greets(BAD)).isTrue();
            assertThat(rig.greetsAtOnce("10.99.0.4")).isFalse();
        }
    }

    @Test
    void shouldJudgeOtherPortsOnlyOnTrialAndRevertByItself() {
        List<InetSocketAddress> elsewhere = List.of(new InetSocketAddress(address("0.0.0.0"), 1));
        try (XdpFilter filter =
                rig.start(FilterRig.config(List.of(), List.of(BAD), Scope.INTERFACE, OptionalInt.empty()))) {
            filter.listen(elsewhere);
            assertThat(rig.greets(BAD)).as("before the trial").isTrue();
            assertThatThrownBy(filter::confirm).hasMessageContaining("filter commit --confirm");

            filter.trial(Duration.ofHours(1));
            assertThat(rig.greetsAtOnce(BAD)).as("on trial").isFalse();
            filter.trial(Duration.ofSeconds(1));
            Eventually.holds(() -> assertThat(rig.greetsAtOnce(BAD)).isTrue());

            filter.trial(Duration.ofHours(1));
            filter.confirm();
            filter.deny(FilterRig.blocks(List.of("192.0.2.1")), Optional.empty());
            assertThat(rig.greetsAtOnce(BAD))
                    .as("confirmed, also for later lists")
                    .isFalse();
            assertThat(rig.greets(GOOD)).isTrue();
        }
    }

    @Test
    void shouldTakeOverListsRatesAndScopeOfANewConfiguration() {
        List<InetSocketAddress> elsewhere = List.of(new InetSocketAddress(address("0.0.0.0"), 1));
        try (XdpFilter filter =
                rig.start(FilterRig.config(List.of(), List.of(BAD), Scope.INTERFACE, OptionalInt.empty()))) {
            filter.listen(elsewhere);
            filter.trial(Duration.ofHours(1));
            filter.confirm();
            assertThat(rig.greetsAtOnce(BAD)).isFalse();

            filter.reload(FilterRig.reloaded("'scope': 'interface', 'deny': ['10.99.0.4'], 'syn_rate_per_source': 77"));
            assertThat(rig.greets(BAD)).isTrue();
            assertThat(rig.greetsAtOnce("10.99.0.4")).isFalse();
            assertThat(filter.status().synRatePerSource()).hasValue(77);

            filter.reload(FilterRig.reloaded("'deny': ['10.99.0.4']"));
            assertThat(rig.greets("10.99.0.4"))
                    .as("at a port that is no listen port")
                    .isTrue();
            assertThat(filter.status().judges()).isEqualTo("listen ports");

            filter.reload(FilterRig.reloaded("'deny_ttl': '1h'"));
            for (int i = 0; i < Offenders.STRIKES; i++) {
                filter.offenders().on(Events.refused(BAD, Ending.NOT_TLS, ""));
            }
            assertThat(filter.explain(address(BAD)).reason()).contains("denied for another 35");
        }
    }

    @Test
    void shouldRunInTheNetworkStackWhereTheDriverCannot() {
        try (XdpFilter filter = rig.start(FilterRig.config(LOOPBACK, XdpMode.AUTO))) {
            assertThat(filter.status().interfaces()).isEqualTo(Map.of(LOOPBACK, "generic"));
        }
        assertThat(rig.refusal(FilterRig.config(LOOPBACK, XdpMode.NATIVE)))
                .hasMessageContaining("interface " + LOOPBACK)
                .hasMessageContaining("set ebpf.xdp.mode to auto or generic");
    }

    @Test
    void shouldLeaveTheProgramOfSomebodyElseAlone() {
        try (XdpFilter first = rig.start(FilterRig.config(List.of(), List.of()))) {
            assertThat(rig.refusal(FilterRig.config(List.of(), List.of(BAD))))
                    .hasMessageContaining(FilterRig.DEVICE)
                    .hasMessageContaining("left alone");
            assertThat(rig.greets(BAD)).as("judged by the first").isTrue();
            assertThat(first.status().passed()).isPositive();
        }
    }

    /** What the message names is what detaches it, however it was attached. */
    @Test
    void shouldNameTheCommandThatDetachesTheProgramOfSomebodyElse() {
        EbpfConfig.Xdp config = FilterRig.config(List.of(), List.of());
        try (XdpFilter _ = rig.start(config)) {
            assertThat(detachAsTold(config)).startsWith("bpftool link detach id ");
        }
        rig.start(config).close();

        try (LoadedObject foreign = LoadedObject.load(
                Kernel.running(),
                TestPrograms.object(TestPrograms.returning("somebody_elses", ProgramType.XDP, XDP_PASS)
                        .build()))) {
            String id =
                    Integer.toString(foreign.program("somebody_elses").info().id());
            for (String mode : List.of("xdp", "xdpgeneric")) {
                rig.server.run("bpftool", "net", "attach", mode, "id", id, "dev", FilterRig.DEVICE);
                assertThat(detachAsTold(config)).isEqualTo("ip link set dev " + FilterRig.DEVICE + " " + mode + " off");
                rig.start(config).close();
            }
        }
    }

    /** Runs the command of the message and returns it. */
    private String detachAsTold(EbpfConfig.Xdp config) {
        Matcher told = Pattern.compile("detach that \\((.+)\\), or take")
                .matcher(String.valueOf(rig.refusal(config).getMessage()));
        assertThat(told.find()).isTrue();
        rig.server.run(told.group(1).split(" "));
        return told.group(1);
    }

    @Test
    void shouldRunOnAnInterfaceThatHasNoAddress() {
        rig.server.ip("link add bare0 type veth peer name bare1");
        try (XdpFilter filter = rig.start(FilterRig.config("bare0", XdpMode.AUTO))) {
            assertThat(filter.status().interfaces()).containsOnlyKeys("bare0");
        }
        assertThat(rig.refusal(FilterRig.config("bare2", XdpMode.AUTO)))
                .hasMessageContaining("there is no interface bare2");
        assertThat(rig.programs.programs()).as("of a filter that did not start").hasSize(1);
    }

    @Test
    void shouldLeaveNothingBehindWhenItsLogCannotBeRead() {
        SystemCalls noMemory = (SystemCalls) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {SystemCalls.class},
                (_, method, arguments) -> method.getName().equals("mmap")
                        ? -(long) Errno.ENOMEM.number()
                        : method.invoke(SystemCalls.system(), arguments));
        Kernel kernel = new Kernel(noMemory, KernelFacts.running());
        try (LoadedPrograms programs = new LoadedPrograms(kernel, CompileOptions.defaults())) {
            DescriptorLeakCheck.Snapshot before = DescriptorLeakCheck.Snapshot.now();
            assertThatThrownBy(() ->
                            rig.server.call(() -> XdpFilter.start(programs, FilterRig.config(List.of(), List.of()))))
                    .hasStackTraceContaining("FILTER_SAMPLES: mmap failed");
            before.failOnLeaks("the filter");
        }
    }

    @Test
    void shouldNotMindSourcesThatMisbehaveWhileItEnds() {
        XdpFilter filter = rig.start(FilterRig.config(List.of(), List.of()));
        filter.close();
        assertThatCode(filter::judgeDeniedSources).doesNotThrowAnyException();
    }

    @Test
    void shouldDenySourcesThatMisbehaveAgainAndAgain() {
        try (XdpFilter filter = rig.start(FilterRig.config(List.of(), List.of()))) {
            for (int i = 0; i < Offenders.STRIKES; i++) {
                assertThat(rig.greets(BAD)).as("strike %d", i).isTrue();
                filter.offenders().on(Events.refused(BAD, Ending.NOT_TLS, ""));
            }
            Eventually.holds(() -> {
                // A machine that is busy elsewhere says nothing either.
                assertThat(rig.greetsAtOnce(BAD)).isFalse();
                assertThat(dropped(filter, DropReason.DENIED_FOR_A_TIME)).isPositive();
            });
            filter.deny(FilterRig.blocks(List.of("192.0.2.1")), Optional.empty());
            assertThat(rig.greetsAtOnce(BAD)).as("behind a change of lists").isFalse();
            assertThat(rig.greets(GOOD)).isTrue();
            assertThat(filter.explain(address(BAD)).reason()).contains("misbehaved");

            filter.removeDenied(FilterRig.blocks(List.of(BAD)));
            assertThat(rig.greets(BAD)).isTrue();
        }
    }

    @Test
    void shouldChangeAMillionEntriesUnderTraffic() throws Exception {
        try (XdpFilter filter = rig.start(FilterRig.config(List.of(), List.of(BAD)))) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger letIn = new AtomicInteger();
            // Threads of their own: the shared pool has one on a machine of two processors, and what carries virtual
            // threads would stay in the network namespace that wakes them.
            Executor ownThread = work -> Thread.ofPlatform().start(work);
            CompletableFuture<Boolean> good = CompletableFuture.supplyAsync(
                    () -> {
                        boolean all = true;
                        while (!over.get()) {
                            all &= rig.greets(GOOD);
                            letIn.incrementAndGet();
                        }
                        return all;
                    },
                    ownThread);
            CompletableFuture<Boolean> bad = CompletableFuture.supplyAsync(
                    () -> {
                        boolean any = false;
                        while (!over.get()) {
                            any |= rig.greetsAtOnce(BAD);
                        }
                        return any;
                    },
                    ownThread);
            List<Cidr> million = million();
            int letInMeanwhile = 0;
            // Not every load is longer than what becomes of one SYN that was lost.
            for (int round = 0; round < MOST_LOADS && letInMeanwhile == 0; round++) {
                int letInBefore = letIn.get();
                Instant before = Instant.now();
                filter.deny(million, Optional.empty());
                System.out.printf("a million entries took %s%n", Duration.between(before, Instant.now()));
                letInMeanwhile = letIn.get() - letInBefore;
                filter.removeDenied(million);
            }
            over.set(true);

            assertThat(good.get()).as("the allowed one was let in every time").isTrue();
            assertThat(bad.get()).as("the denied one was ever let in").isFalse();
            assertThat(letInMeanwhile)
                    .as("connections while a million entries were loaded")
                    .isPositive();
        }
    }

    @Test
    void shouldKeepServingDuringAFloodFromManySources() {
        int limit = 50;
        try (XdpFilter filter = rig.start(FilterRig.config(List.of(), List.of(), Scope.PORTS, OptionalInt.of(limit)))) {
            long start = System.nanoTime();
            CompletableFuture<String> flood =
                    CompletableFuture.supplyAsync(() -> rig.clients.run("python3", "-c", flood()));
            for (int i = 0; i < 100; i++) {
                assertThat(rig.greets(i % 2 == 0 ? GOOD : "10.99.0.4")).isTrue();
            }
            int sent = Integer.parseInt(flood.join().strip());
            // Each has a second's worth at once, and then as many as time earns it.
            long earned = FLOODERS * limit * (2 + (System.nanoTime() - start) / 1_000_000_000);
            // The last packets may still be in the cable.
            Eventually.holds(() -> {
                long refused = dropped(filter, DropReason.SYN_RATE);
                assertThat(refused).as("refused of %d", sent).isPositive();
                assertThat(sent - refused - rig.lostInTheCable())
                        .as("let in of %d", sent)
                        .isLessThanOrEqualTo(earned);
            });
        }
    }

    /** Two seconds of SYNs from some sources of 10.99.0.0/24; prints how many. */
    private String flood() {
        return """
                import socket, struct, time
                def words(b): return sum(struct.unpack('!%dH' % (len(b) // 2), b))
                def fold(s):
                    while s >> 16: s = (s & 0xffff) + (s >> 16)
                    return ~s & 0xffff
                def syn(host):
                    src, dst = bytes([10, 99, 0, host]), bytes([10, 99, 0, 1])
                    tcp = struct.pack('!HHIIBBHHH', 1024 + host, PORT, 1, 0, 80, 2, 65535, 0, 0)
                    check = fold(words(src + dst + struct.pack('!HH', 6, 20) + tcp))
                    tcp = tcp[:16] + struct.pack('!H', check) + tcp[18:]
                    return struct.pack('!BBHHHBBH', 0x45, 0, 40, 7, 0, 64, 6, 0) + src + dst + tcp
                raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
                packets = [syn(host) for host in range(50, 50 + FLOODERS)]
                sent, end = 0, time.time() + 2
                while time.time() < end:
                    for packet in packets:
                        raw.sendto(packet, ('10.99.0.1', 0))
                    sent += len(packets)
                print(sent)
                """.replace("PORT", Integer.toString(rig.port())).replace("FLOODERS", Integer.toString(FLOODERS));
    }

    /** A million blocks of four addresses each, from 11.0.0.0 on. */
    private static List<Cidr> million() {
        return IntStream.range(0, MILLION)
                .mapToObj(i -> Cidr.parse("11." + (i >> 14) + "." + (i >> 6 & 0xff) + "." + (i << 2 & 0xff) + "/30"))
                .toList();
    }

    /** The far end of the cable may take a packet out later than its sender has given up. */
    private static void awaitDrop(XdpFilter filter, DropReason reason) {
        Eventually.holds(() -> assertThat(dropped(filter, reason)).isPositive());
    }

    private static long dropped(XdpFilter filter, DropReason reason) {
        return filter.status().dropped().getOrDefault(reason, 0L);
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
