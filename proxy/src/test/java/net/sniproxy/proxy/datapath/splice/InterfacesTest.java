package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachments;
import net.sniproxy.bpf.link.Attachments.Attached;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.testing.DescriptorLeakCheck;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which interfaces have the program, and what becomes of those that an earlier process left with it. */
@KernelTest
@SinceKernel("6.6") // TCX: what is attached otherwise cannot be pinned.
class InterfacesTest {
    private static final Kernel KERNEL = Kernel.running();
    private static final String DEVICE = "used";
    private static final String OTHER = "unused";

    private final NetworkNamespace host = NetworkNamespace.create("interfaces");
    private final TestBpfFileSystem pinned = TestBpfFileSystem.mount();
    private final Path directory = pinned.root().resolve("splice");
    private final LoadedTables before = new LoadedTables();
    private final LoadedTables now = new LoadedTables();
    private final BpfMap notes = SpliceNotes.create(KERNEL, LoadedTables.ROOM);
    private int index;

    @BeforeEach
    void leave() {
        host.ip("link add " + DEVICE + " type veth peer name " + OTHER);
        index = host.index(DEVICE);
        host.execute(() -> {
            try (SplicePins pins = SplicePins.open(KERNEL, directory);
                    Interfaces interfaces = interfaces(before, pins)) {
                assertThat(interfaces.isReady(index)).isTrue();
            }
        });
        assertThat(programs()).containsExactly(before.program().info().id());
    }

    @AfterEach
    void close() {
        notes.close();
        now.close();
        before.close();
        pinned.close();
        host.close();
    }

    @Test
    void shouldSpliceNoNewConnectionsOnAnInterfaceThatIsNoLongerListed() {
        mustBeReady(false, OTHER);
    }

    @Test
    void shouldGoOnWithAnInterfaceThatIsListed() {
        mustBeReady(true, OTHER, DEVICE);
    }

    @Test
    void shouldGoOnWithAnyInterfaceWhereNoneIsListed() {
        mustBeReady(true);
    }

    @Test
    void shouldHoldNoLinkWhenAnotherCannotBeOpened() {
        DescriptorLeakCheck.Snapshot open = DescriptorLeakCheck.Snapshot.now();
        host.execute(() -> {
            try (SplicePins pins = SplicePins.open(KERNEL, directory);
                    Interfaces interfaces = interfaces(now, pins)) {
                // The last one.
                notes.pin(pins.links().getFirst().resolveSibling("link-x"));
                assertThatThrownBy(() -> interfaces.adopt(pins.links()))
                        .isInstanceOf(BpfException.class)
                        .hasMessageContaining("link-x");
            }
        });
        open.failOnLeaks("the splice");
        assertThat(programs())
                .as("what was left goes on")
                .containsExactly(before.program().info().id());
    }

    /** Those that are there need the program in any case. */
    private void mustBeReady(boolean ready, String... listed) {
        host.execute(() -> {
            try (SplicePins pins = SplicePins.open(KERNEL, directory)) {
                try (Interfaces interfaces = interfaces(now, pins, listed)) {
                    interfaces.adopt(pins.links());
                    assertThat(interfaces.isReady(index)).isEqualTo(ready);
                    assertThat(programs()).containsExactly(now.program().info().id());
                }
                assertThat(programs()).as("pinned").hasSize(1);
                pins.removeAll();
            }
            // The kernel gives up what was pinned when no processor looks at it any more.
            Eventually.holds(() -> assertThat(programs()).isEmpty());
        });
    }

    private Interfaces interfaces(LoadedTables tables, SplicePins pins, String... listed) {
        return new Interfaces(KERNEL, tables.program(), List.of(listed), pins, tables.withNotes(notes));
    }

    private List<Integer> programs() {
        return host.call(() -> Attachments.onInterface(KERNEL, index).stream()
                .map(Attached::programId)
                .toList());
    }
}
