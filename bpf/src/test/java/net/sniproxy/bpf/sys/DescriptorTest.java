package net.sniproxy.bpf.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import net.sniproxy.bpf.testing.DescriptorLeakCheck;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import org.junit.jupiter.api.Test;

class DescriptorTest {
    private static final int O_RDONLY = 0;

    private final SystemCalls system = SystemCalls.system();

    @Test
    void shouldCloseOnce() {
        FakeSystemCalls fake = new FakeSystemCalls();
        Descriptor descriptor = Descriptor.own(fake, fake.openDescriptor(), "map A");

        descriptor.close();
        int reused = fake.openDescriptor();
        descriptor.close();

        assertThat(fake.openDescriptors()).containsExactly(reused);
        assertThatThrownBy(descriptor::number)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("map A is closed");
    }

    @Test
    void shouldReplaceTheNumbersOfTheStandardStreams() {
        List<String> calls = new ArrayList<>();
        FakeSystemCalls fake = new FakeSystemCalls() {
            @Override
            public int close(int descriptor) {
                calls.add("close " + descriptor);
                return 0;
            }
        };
        for (int number = 0; number <= 2; number++) {
            try (Descriptor descriptor = Descriptor.own(fake, number, "map A")) {
                assertThat(descriptor.number()).isGreaterThan(2);
                assertThat(calls).last().isEqualTo("close " + number);
            }
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenTheDuplicateIsRefused() {
        List<Integer> closed = new ArrayList<>();
        FakeSystemCalls fake = new FakeSystemCalls() {
            @Override
            public int fcntl(int descriptor, int command, long argument) {
                return -Errno.EMFILE.number();
            }

            @Override
            public int close(int descriptor) {
                closed.add(descriptor);
                return 0;
            }
        };
        assertThatThrownBy(() -> Descriptor.own(fake, 0, "map A"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("map A")
                .hasMessageContaining("EMFILE");
        assertThatThrownBy(() -> Descriptor.own(fake, 7, "map B"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("map B");
        assertThat(closed).containsExactly(0, 7);
    }

    @Test
    void shouldRejectAFailedCallsResult() {
        assertThatThrownBy(() -> Descriptor.own(system, -1, "map A"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("map A");
    }

    @Test
    void shouldMakeRealDescriptorsCloseOnExec() throws Exception {
        try (Descriptor descriptor = openRoot()) {
            String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor.number())).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow();
            int closeOnExec = 02000000;
            assertThat(Integer.parseInt(flags.substring("flags:".length()).strip(), 8) & closeOnExec)
                    .isEqualTo(closeOnExec);
        }
    }

    @Test
    void shouldGiveADuplicateAnOwnerOfItsOwn() {
        try (Descriptor second = duplicateOfClosed()) {
            assertThat(Files.exists(Path.of("/proc/self/fd/" + second.number())))
                    .isTrue();
        }
    }

    private Descriptor duplicateOfClosed() {
        try (Descriptor first = openRoot()) {
            return first.duplicate();
        }
    }

    @Test
    void shouldShowWhereAnOpenDescriptorCameFrom() {
        DescriptorLeakCheck.Snapshot before = DescriptorLeakCheck.Snapshot.now();
        Descriptor descriptor = openRoot();
        try {
            assertThatThrownBy(() -> before.failOnLeaks("the test"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the root directory")
                    .satisfies(failure -> assertThat(failure.getSuppressed()[0].getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("openRoot")));
        } finally {
            descriptor.close();
        }
        before.failOnLeaks("the test");
    }

    @Test
    void shouldCloseALostDescriptorAndLogWhereItWasOpened() {
        FakeSystemCalls fake = new LostDescriptors();
        List<LogRecord> records = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                records.add(message);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Descriptor.class.getName());
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        int leakedBefore = Descriptor.leaked();
        try {
            lose(fake);
            Eventually.holds(() -> {
                System.gc();
                assertThat(fake.openDescriptors()).isEmpty();
            });
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        assertThat(records).singleElement().satisfies(message -> {
            assertThat(message.getMessage()).contains("map LOST").contains("never closed");
            assertThat(message.getThrown().getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("lose"));
        });
        assertThat(Descriptor.leaked()).isEqualTo(leakedBefore + 1);
        Descriptor.forgiveLeaks(1);
    }

    private static void lose(FakeSystemCalls fake) {
        Descriptor.own(fake, fake.openDescriptor(), "map LOST");
    }

    private Descriptor openRoot() {
        try (Arena arena = Arena.ofConfined()) {
            return Descriptor.own(system, system.open(arena.allocateFrom("/"), O_RDONLY, 0), "the root directory");
        }
    }

    /** The collector closes on a thread of its own. */
    private static final class LostDescriptors extends FakeSystemCalls {
        private final ConcurrentHashMap.KeySetView<Integer, Boolean> open = ConcurrentHashMap.newKeySet();

        @Override
        public int openDescriptor() {
            open.add(77);
            return 77;
        }

        @Override
        public Set<Integer> openDescriptors() {
            return open;
        }

        @Override
        public int close(int descriptor) {
            return open.remove(descriptor) ? 0 : -1;
        }
    }
}
