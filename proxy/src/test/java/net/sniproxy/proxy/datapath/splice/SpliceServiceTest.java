package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
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
    void shouldLeaveNoThreadBehindWhenItCannotAdopt() {
        LoadedTables gone = new LoadedTables();
        gone.close();
        try (BpfMap notes = SpliceNotes.create(KERNEL, LoadedTables.ROOM);
                SplicePins pins = SplicePins.open(KERNEL, directory);
                Interfaces interfaces =
                        new Interfaces(KERNEL, tables.program(), List.of(), pins, tables.withNotes(notes))) {
            LiveSplices live = new LiveSplices(KERNEL, tables.events(), tables.tables(), new SpliceNotes(notes, pins));
            assertThat(threads()).contains(LiveSplices.THREAD);

            assertThatThrownBy(() -> SpliceService.adopting(KERNEL, pins, notes, interfaces, gone.tables(), live))
                    .isInstanceOf(RuntimeException.class);
            Eventually.holds(() -> assertThat(threads()).doesNotContain(LiveSplices.THREAD));
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    /** As a process does that has loaded nothing else. */
    private SpliceService start() {
        LoadedPrograms programs = new LoadedPrograms(
                KERNEL,
                CompileOptions.defaults()
                        .withMapEntries(Map.of("FLOWS", 2 * WANTED, "SPLICES", WANTED, "CONNECTION_STATS", WANTED)));
        loaded.add(programs);
        return SpliceService.start(programs, new EbpfConfig.Splice(true, List.of(), WANTED, directory));
    }
}
