package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.link.Attachments;
import net.sniproxy.bpf.link.Direction;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.link.Sockmaps;
import net.sniproxy.bpf.link.TrafficControl;
import net.sniproxy.bpf.load.LoadOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.program.DebugInfo;
import net.sniproxy.bpf.program.LoadRequest;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.ring.RingBuffer;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.FakeMemory;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import net.sniproxy.bpf.testing.TestPrograms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of each error of the kernel, with a fake in its place: needs no root. */
class ErrnoBranchesTest {
    private static final MapSpec SPEC = MapSpec.named("NUMBERS", MapType.HASH)
            .key(IntegerLayout.U32)
            .value(IntegerLayout.U64)
            .maxEntries(4)
            .build();
    private static final LoadRequest PROGRAM =
            new LoadRequest("p", ProgramType.XDP, Optional.empty(), 0, "GPL", new byte[16], DebugInfo.NONE);

    private final FakeSystemCalls fake = new FakeSystemCalls();
    private final Kernel kernel = new Kernel(fake, KernelFacts.running());

    @AfterEach
    void shouldHaveClosedEverything() {
        assertThat(fake.openDescriptors()).isEmpty();
    }

    @Test
    void shouldReportEachErrorOfAMapCall() {
        record Row(BpfCommand command, Errno errno, Consumer<TypedMap<Integer, Long>> call) {}
        for (Row row : new Row[] {
            new Row(BpfCommand.BPF_MAP_LOOKUP_ELEM, Errno.EPERM, map -> map.lookup(1)),
            new Row(BpfCommand.BPF_MAP_LOOKUP_ELEM, Errno.EFAULT, map -> map.lookup(1)),
            new Row(BpfCommand.BPF_MAP_LOOKUP_ELEM, Errno.EBADF, map -> map.lookup(1)),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.E2BIG, map -> map.update(1, 1L)),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.ENOMEM, map -> map.update(1, 1L)),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.EBUSY, map -> map.update(1, 1L)),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.EEXIST, map -> map.update(1, 1L)),
            new Row(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.ENOENT, map -> map.update(1, 1L, UpdateMode.NO_EXIST)),
            new Row(BpfCommand.BPF_MAP_DELETE_ELEM, Errno.EINVAL, map -> map.delete(1)),
            new Row(BpfCommand.BPF_MAP_LOOKUP_AND_DELETE_ELEM, Errno.EOPNOTSUPP, map -> map.lookupAndDelete(1)),
            new Row(BpfCommand.BPF_MAP_LOOKUP_BATCH, Errno.EFAULT, map -> map.snapshot()),
            new Row(BpfCommand.BPF_MAP_UPDATE_BATCH, Errno.E2BIG, map -> map.updateAll(Map.of(1, 1L))),
        }) {
            fake.fail(row.command(), row.errno());
            try (BpfMap map = map()) {
                assertThatThrownBy(() -> row.call().accept(TypedMap.of(map, Codec.u32(), Codec.u64())))
                        .as(row.toString())
                        .isInstanceOfSatisfying(BpfException.class, failure -> {
                            assertThat(failure.errno()).isEqualTo(row.errno());
                            assertThat(failure.command())
                                    .isEqualTo(row.command().name());
                            assertThat(failure.object()).isEqualTo("map NUMBERS");
                        });
            }
        }
    }

    @Test
    void shouldAnswerExpectedErrorsWithoutAnException() {
        fake.fail(BpfCommand.BPF_MAP_LOOKUP_ELEM, Errno.ENOENT)
                .fail(BpfCommand.BPF_MAP_DELETE_ELEM, Errno.ENOENT)
                .fail(BpfCommand.BPF_MAP_LOOKUP_AND_DELETE_ELEM, Errno.ENOENT);
        try (BpfMap map = map()) {
            TypedMap<Integer, Long> typed = TypedMap.of(map, Codec.u32(), Codec.u64());
            assertThat(typed.lookup(1)).isEmpty();
            assertThat(typed.delete(1)).isFalse();
            assertThat(typed.lookupAndDelete(1)).isEmpty();
            fake.fail(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.EEXIST);
            assertThat(typed.update(1, 1L, UpdateMode.NO_EXIST)).isFalse();
            fake.fail(BpfCommand.BPF_MAP_UPDATE_ELEM, Errno.ENOENT);
            assertThat(typed.update(1, 1L, UpdateMode.EXIST)).isFalse();
        }
    }

    @Test
    void shouldGoOneByOneWhereThereAreNoBatches() {
        for (Errno errno : List.of(Errno.EINVAL, Errno.ENOTSUPP, Errno.EOPNOTSUPP)) {
            AtomicInteger updates = new AtomicInteger();
            AtomicInteger deletes = new AtomicInteger();
            fake.fail(BpfCommand.BPF_MAP_UPDATE_BATCH, errno)
                    .fail(BpfCommand.BPF_MAP_DELETE_BATCH, errno)
                    .fail(BpfCommand.BPF_MAP_LOOKUP_BATCH, errno)
                    .on(BpfCommand.BPF_MAP_UPDATE_ELEM, attributes -> 0 * updates.incrementAndGet())
                    .on(BpfCommand.BPF_MAP_DELETE_ELEM, attributes -> 0 * deletes.incrementAndGet());
            try (BpfMap map = map()) {
                TypedMap<Integer, Long> typed = TypedMap.of(map, Codec.u32(), Codec.u64());
                typed.updateAll(Map.of(1, 1L, 2, 2L, 3, 3L));
                typed.deleteAll(List.of(1, 2));
            }
            assertThat(updates).hasValue(3);
            assertThat(deletes).hasValue(2);
        }
    }

    @Test
    void shouldMeetEachKeyOnceWhenAWalkFromKeyToKeyStartsOver() {
        // 5, 6, and then 6 is gone: the kernel starts over, and ends after 7.
        int[] keys = {5, 6, 5, 7};
        AtomicInteger step = new AtomicInteger();
        fake.fail(BpfCommand.BPF_MAP_LOOKUP_BATCH, Errno.ENOTSUPP)
                .on(BpfCommand.BPF_MAP_GET_NEXT_KEY, attributes -> {
                    if (step.get() == keys.length) {
                        return -Errno.ENOENT.number();
                    }
                    FakeMemory.at(attributes, 16, 4).set(ValueLayout.JAVA_INT, 0, keys[step.getAndIncrement()]);
                    return 0;
                })
                .on(BpfCommand.BPF_MAP_LOOKUP_ELEM, attributes -> {
                    int key = FakeMemory.at(attributes, 8, 4).get(ValueLayout.JAVA_INT, 0);
                    FakeMemory.at(attributes, 16, 8).set(ValueLayout.JAVA_LONG, 0, 10L * key);
                    return key == 6 ? -Errno.ENOENT.number() : 0;
                });
        try (BpfMap map = map()) {
            assertThat(TypedMap.of(map, Codec.u32(), Codec.u64()).snapshot())
                    .containsExactly(Map.entry(5, 50L), Map.entry(7, 70L));
        }
    }

    @Test
    void shouldGrowTheBufferOfABatchUntilABucketFits() {
        AtomicInteger capacity = new AtomicInteger();
        fake.on(BpfCommand.BPF_MAP_LOOKUP_BATCH, attributes -> {
            int count = attributes.get(ValueLayout.JAVA_INT, 32);
            capacity.set(count);
            attributes.set(ValueLayout.JAVA_INT, 32, 0);
            return count < 16 ? -Errno.ENOSPC.number() : -Errno.ENOENT.number();
        });
        try (BpfMap map = map()) {
            assertThat(TypedMap.of(map, Codec.u32(), Codec.u64()).snapshot()).isEmpty();
        }
        assertThat(capacity).hasValue(16);
    }

    @Test
    void shouldCloseAMapWhoseInfoIsRefused() {
        fake.open(BpfCommand.BPF_MAP_CREATE).fail(BpfCommand.BPF_OBJ_GET_INFO_BY_FD, Errno.ENOMEM);
        assertThatThrownBy(() -> BpfMap.create(kernel, SPEC)).isInstanceOf(BpfException.class);
    }

    @Test
    void shouldCloseWhatWasLoadedBeforeAFailure() {
        fake.open(BpfCommand.BPF_BTF_LOAD).fail(BpfCommand.BPF_PROG_LOAD, Errno.EPERM);
        answerInfo();
        ObjectSpec object = TestPrograms.object(
                TestPrograms.returning("p", ProgramType.XDP, 2).build(), SPEC);
        assertThatThrownBy(() -> LoadedObject.load(kernel, object, LoadOptions.defaults()))
                .isInstanceOfSatisfying(
                        BpfException.class,
                        failure -> assertThat(failure.errno()).isEqualTo(Errno.EPERM))
                .hasMessageContaining("CAP_BPF");
    }

    @Test
    void shouldLoadAgainWhenASignalInterruptsTheVerifier() {
        AtomicInteger attempts = new AtomicInteger();
        fake.on(
                BpfCommand.BPF_PROG_LOAD,
                attributes -> attempts.incrementAndGet() < 3 ? -Errno.EAGAIN.number() : fake.openDescriptor());
        Program.load(kernel, PROGRAM).close();
        assertThat(attempts).hasValue(3);
    }

    @Test
    void shouldGrowTheLogBufferOfARejection() {
        fake.on(BpfCommand.BPF_PROG_LOAD, attributes -> {
            int size = attributes.get(ValueLayout.JAVA_INT, 28);
            if (size == 0) {
                return -Errno.EACCES.number();
            }
            String log = "R1 is bad at size " + size + "\n";
            MemorySegment place = FakeMemory.at(attributes, 32, size);
            place.setString(0, log, StandardCharsets.US_ASCII);
            return size < 1 << 18 ? -Errno.ENOSPC.number() : -Errno.EACCES.number();
        });
        assertThatThrownBy(() -> Program.load(kernel, PROGRAM))
                .isInstanceOfSatisfying(VerifierException.class, failure -> {
                    assertThat(failure.errno()).isEqualTo(Errno.EACCES);
                    assertThat(failure.log()).isEqualTo("R1 is bad at size 262144\n");
                });
    }

    @Test
    void shouldKeepTheEndOfALogThatIsTooLargeAndTheVerdict() {
        AtomicInteger attempts = new AtomicInteger();
        fake.on(BpfCommand.BPF_PROG_LOAD, attributes -> {
            attempts.incrementAndGet();
            int size = attributes.get(ValueLayout.JAVA_INT, 28);
            if (size == 0) {
                return -Errno.E2BIG.number();
            }
            FakeMemory.at(attributes, 32, size).setString(0, "BPF program is too large\n", StandardCharsets.US_ASCII);
            attributes.set(ValueLayout.JAVA_INT, 140, Integer.MAX_VALUE);
            return -Errno.ENOSPC.number();
        });
        assertThatThrownBy(() -> Program.load(kernel, PROGRAM))
                .isInstanceOfSatisfying(VerifierException.class, failure -> {
                    assertThat(failure.errno()).isEqualTo(Errno.E2BIG);
                    assertThat(failure.log()).isEqualTo("BPF program is too large\n");
                });
        assertThat(attempts).hasValue(2);
    }

    @Test
    void shouldReportARejectionWithoutALog() {
        fake.fail(BpfCommand.BPF_PROG_LOAD, Errno.E2BIG);
        assertThatThrownBy(() -> Program.load(kernel, PROGRAM))
                .isExactlyInstanceOf(BpfException.class)
                .hasMessageContaining("program p: BPF_PROG_LOAD failed with E2BIG")
                .hasMessageContaining("1,000,000 instructions");
    }

    @Test
    void shouldRunATestAgainAfterASignal() {
        AtomicInteger runs = new AtomicInteger();
        fake.open(BpfCommand.BPF_PROG_LOAD)
                .on(
                        BpfCommand.BPF_PROG_TEST_RUN,
                        attributes -> runs.incrementAndGet() == 1 ? -Errno.EINTR.number() : 0);
        try (Program program = Program.load(kernel, PROGRAM)) {
            assertThat(program.run(TestRun.onPacket(new byte[64])).returnValue())
                    .isZero();
            fake.fail(BpfCommand.BPF_PROG_TEST_RUN, Errno.ENOTSUPP);
            assertThatThrownBy(() -> program.run(TestRun.onPacket(new byte[64])))
                    .hasMessageContaining("program p: BPF_PROG_TEST_RUN failed with ENOTSUPP");
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    void shouldAttachWithoutALinkWhereTheKernelHasNone() {
        fake.open(BpfCommand.BPF_PROG_LOAD)
                .fail(BpfCommand.BPF_LINK_CREATE, Errno.EINVAL)
                .on(BpfCommand.BPF_PROG_ATTACH, attributes -> 0)
                .on(BpfCommand.BPF_PROG_DETACH, attributes -> 0);
        try (BpfMap map = map();
                Program program = Program.load(kernel, PROGRAM)) {
            Sockmaps.attach(kernel, program, map).close();
            // There is no netlink in the fake: what counts is that the way of clsact is tried.
            assertThatThrownBy(() -> TrafficControl.attach(kernel, program, 2, Direction.INGRESS))
                    .hasMessageContaining("netlink: socket failed with ENOSYS");
            fake.fail(BpfCommand.BPF_LINK_CREATE, Errno.EBUSY);
            assertThatThrownBy(() -> Sockmaps.attach(kernel, program, map))
                    .hasMessageContaining("program p on map NUMBERS: BPF_LINK_CREATE failed with EBUSY")
                    .hasMessageContaining("Another program is attached there");
        }
        assertThat(fake.commands())
                .containsSubsequence(
                        BpfCommand.BPF_LINK_CREATE, BpfCommand.BPF_PROG_ATTACH, BpfCommand.BPF_PROG_DETACH);
    }

    @Test
    void shouldReportErrorsOfLinks() {
        fake.open(BpfCommand.BPF_LINK_GET_FD_BY_ID)
                .fail(BpfCommand.BPF_LINK_UPDATE, Errno.EINVAL)
                .fail(BpfCommand.BPF_LINK_DETACH, Errno.EOPNOTSUPP)
                .open(BpfCommand.BPF_PROG_LOAD);
        try (Link link = Link.byId(kernel, 7);
                Program program = Program.load(kernel, PROGRAM)) {
            assertThatThrownBy(() -> link.replace(program)).hasMessageContaining("link of id 7: BPF_LINK_UPDATE");
            assertThatThrownBy(link::detach).hasMessageContaining("link of id 7: BPF_LINK_DETACH");
        }
    }

    @Test
    void shouldLeaveOutLinksThatAreGoneOrNotReadyWhenTheirTurnComes() {
        for (Errno errno : List.of(Errno.ENOENT, Errno.EAGAIN)) {
            AtomicInteger listed = new AtomicInteger();
            fake.fail(BpfCommand.BPF_LINK_GET_FD_BY_ID, errno)
                    .on(
                            BpfCommand.BPF_LINK_GET_NEXT_ID,
                            attributes -> listed.incrementAndGet() <= 2 ? 0 : -Errno.ENOENT.number());
            assertThat(Attachments.links(kernel)).isEmpty();
            assertThat(listed).hasValue(3);
        }
        fake.on(BpfCommand.BPF_LINK_GET_NEXT_ID, attributes -> 0).fail(BpfCommand.BPF_LINK_GET_FD_BY_ID, Errno.EPERM);
        assertThatThrownBy(() -> Attachments.links(kernel)).hasMessageContaining("failed with EPERM");
    }

    @Test
    void shouldGoOnWithABatchThatVanishingKeysEndedEarly() {
        // One element, then none, then another one: each time the kernel has tried three keys that were gone.
        int[] counts = {1, 0, 1};
        AtomicInteger calls = new AtomicInteger();
        fake.on(BpfCommand.BPF_MAP_LOOKUP_BATCH, attributes -> {
            int call = calls.getAndIncrement();
            if (call == counts.length) {
                attributes.set(ValueLayout.JAVA_INT, 32, 0);
                return -Errno.ENOENT.number();
            }
            FakeMemory.at(attributes, 8, 4).set(ValueLayout.JAVA_INT, 0, 100 + call);
            FakeMemory.at(attributes, 16, 4).set(ValueLayout.JAVA_INT, 0, call);
            attributes.set(ValueLayout.JAVA_INT, 32, counts[call]);
            return -Errno.EINTR.number();
        });
        try (BpfMap map = map()) {
            assertThat(TypedMap.of(map, Codec.u32(), Codec.u64()).snapshot()).containsOnlyKeys(0, 2);
        }
    }

    @Test
    void shouldCloseARingBufferThatCannotBeMapped() {
        MapSpec spec = MapSpec.named("EVENTS", MapType.RINGBUF).maxEntries(4096).build();
        answerInfo(MapType.RINGBUF, 0, 0, 4096);
        try (BpfMap map = BpfMap.create(kernel, spec)) {
            assertThatThrownBy(() -> RingBuffer.open(kernel, map))
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith("map EVENTS: mmap failed with ENOSYS");
        }
    }

    @Test
    void shouldSayWhereABpfFileSystemCannotBeMounted() {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        assertThatThrownBy(() -> BpfFileSystem.mount(kernel, directory))
                .isInstanceOf(BpfException.class)
                .hasMessageContaining("BPF file system at " + directory + ": mount failed with ENOSYS");
        assertThatThrownBy(() -> BpfFileSystem.unmount(kernel, directory))
                .hasMessageContaining("umount2 failed with ENOSYS");
    }

    private BpfMap map() {
        answerInfo();
        return BpfMap.create(kernel, SPEC);
    }

    private void answerInfo() {
        answerInfo(MapType.HASH, 4, 8, 4);
    }

    /** {@code struct bpf_map_info} of a map that is made. */
    private void answerInfo(MapType type, int keySize, int valueSize, int entries) {
        String name = type == MapType.HASH ? "NUMBERS" : "EVENTS";
        fake.open(BpfCommand.BPF_MAP_CREATE).on(BpfCommand.BPF_OBJ_GET_INFO_BY_FD, attributes -> {
            MemorySegment info = FakeMemory.at(attributes, 8, 88);
            info.set(ValueLayout.JAVA_INT, 0, type.number());
            info.set(ValueLayout.JAVA_INT, 8, keySize);
            info.set(ValueLayout.JAVA_INT, 12, valueSize);
            info.set(ValueLayout.JAVA_INT, 16, entries);
            info.setString(24, name, StandardCharsets.US_ASCII);
            return 0;
        });
    }
}
