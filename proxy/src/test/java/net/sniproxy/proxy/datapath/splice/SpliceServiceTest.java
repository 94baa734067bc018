package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.testing.DescriptorLeakCheck;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.kernel.XdpIpFilter;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.config.EbpfConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A start where an earlier process has left its tables. */
@KernelTest
class SpliceServiceTest {
    private static final Kernel KERNEL = Kernel.running();
    private static final int WANTED = 2 * LoadedTables.ROOM;

    private final TestBpfFileSystem pinned = TestBpfFileSystem.mount();
    private final Path directory = pinned.root().resolve("splice");
    private final LoadedTables tables = new LoadedTables();
    private final List<LoadedPrograms> loaded = new ArrayList<>();

    @AfterEach
    void close() {
        loaded.forEach(LoadedPrograms::close);
        tables.close();
        pinned.close();
    }

    @Test
    void shouldHaveTheRoomThatIsConfigured() {
        try (SpliceService service = start()) {
            assertThat(service.room()).isEqualTo(WANTED);
        }
    }

    @Test
    void shouldSayHowMuchRoomThereReallyIs() {
        tables.leaveIn(directory);
        try (SpliceService service = start()) {
            assertThat(service.room()).isEqualTo(LoadedTables.ROOM);
        }
        assertThat(directory).as("no connection was left").doesNotExist();
        try (SpliceService service = start()) {
            assertThat(service.room()).isEqualTo(WANTED);
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenItCannotAdopt() throws IOException {
        tables.leaveIn(directory);
        Path noLink = pins().resolve("link-77");
        tables.events().pin(noLink);
        LoadedPrograms programs = programs();
        programs.load(XdpIpFilter.class);
        Map<String, BpfMap> before = programs.maps();
        DescriptorLeakCheck.Snapshot open = DescriptorLeakCheck.Snapshot.now();

        assertThatThrownBy(() -> start(programs))
                .isInstanceOf(BpfException.class)
                .hasMessageContaining("link-77")
                .hasMessageContaining("not a bpf-link");
        Eventually.holds(() -> assertThat(threads()).doesNotContain(LiveSplices.THREAD));
        open.failOnLeaks("the splice");
        assertThat(programs.maps()).isEqualTo(before);
        assertThat(programs.all("TRAFFIC_STATS")).containsExactly(before.get("TRAFFIC_STATS"));

        Files.delete(noLink);
        try (SpliceService service = start(programs)) {
            assertThat(service.room()).as("what was left is still there").isEqualTo(LoadedTables.ROOM);
        }
        open.failOnLeaks("the splice");
    }

    /** Somebody has mounted something among the pins: they stay, and the process gives back all the same what it holds. */
    @Test
    void shouldGiveBackWhatItHoldsWhenPinsCannotBeRemoved() throws IOException {
        tables.leaveIn(directory);
        Path busy = Files.createDirectory(pins().resolve("busy"));
        LoadedPrograms programs = programs();
        DescriptorLeakCheck.Snapshot open = DescriptorLeakCheck.Snapshot.now();
        BpfFileSystem.mount(KERNEL, busy);
        try {
            start(programs).close();
            assertThat(busy).exists();
            open.failOnLeaks("the splice");
        } finally {
            BpfFileSystem.unmount(KERNEL, busy);
        }
    }

    /** Where the maps are: one directory for the network namespace, and in it one for their layouts. */
    private Path pins() throws IOException {
        try (Stream<Path> found = Files.walk(directory, 2)) {
            return found.filter(path -> directory.relativize(path).getNameCount() == 2)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    /** As a process does that has loaded nothing else. */
    private SpliceService start() {
        return start(programs());
    }

    private SpliceService start(LoadedPrograms programs) {
        return SpliceService.start(programs, new EbpfConfig.Splice(true, List.of(), WANTED, directory));
    }

    private LoadedPrograms programs() {
        LoadedPrograms programs = new LoadedPrograms(
                KERNEL,
                CompileOptions.defaults()
                        .withMapEntries(Map.of("FLOWS", 2 * WANTED, "SPLICES", WANTED, "CONNECTION_STATS", WANTED)));
        loaded.add(programs);
        return programs;
    }
}
