package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import net.sniproxy.bpf.Kernel;
import org.junit.jupiter.api.Test;

/** One process at a time has a directory of pins. */
class PinLockTest {
    private static final Path DIRECTORY =
            Path.of("/sys/fs/bpf/test-" + ProcessHandle.current().pid());

    @Test
    void shouldBeHadByOneAtATime() {
        Kernel kernel = Kernel.running();
        try (PinLock first = PinLock.tryAcquire(kernel, DIRECTORY).orElseThrow()) {
            assertThat(first).isNotNull();
            assertThat(PinLock.tryAcquire(kernel, DIRECTORY)).isEmpty();
        }
        try (PinLock next = PinLock.tryAcquire(kernel, DIRECTORY).orElseThrow()) {
            assertThat(next).isNotNull();
        }
    }

    @Test
    void shouldNotStandInTheWayOfOtherDirectories() {
        Kernel kernel = Kernel.running();
        try (PinLock one = PinLock.tryAcquire(kernel, DIRECTORY).orElseThrow();
                PinLock other =
                        PinLock.tryAcquire(kernel, DIRECTORY.resolve("other")).orElseThrow()) {
            assertThat(one).isNotEqualTo(other);
        }
    }
}
