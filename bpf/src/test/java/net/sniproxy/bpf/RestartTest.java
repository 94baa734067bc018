package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.Restart.Identity;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.testing.FakeSystemCalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps to another user in their order, and what a refusal of each leaves undone; the user of e2e tests is real. */
class RestartTest {
    private static final Identity SERVICE =
            new Identity(998, 997, List.of(110, 120), Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN));
    private static final List<String> STEPS = List.of(
            "keep capabilities",
            "setgroups 110 120",
            "setresgid 997",
            "setresuid 998",
            "capset",
            "ambient",
            "no new privileges",
            "execve");

    @TempDir
    Path machine;

    /** Notes each step, and refuses one of them. */
    private static final class Steps extends FakeSystemCalls {
        private final List<String> taken = new ArrayList<>();
        private final String refused;

        Steps(String refused) {
            this.refused = refused;
        }

        private int take(String step) {
            taken.add(step);
            return step.equals(refused) ? -Errno.EPERM.number() : 0;
        }

        @Override
        public int processControl(int option, long second, long third) {
            return switch (option) {
                case 8 -> take("keep capabilities");
                case 38 -> take("no new privileges");
                case 47 -> take("ambient");
                default -> throw new AssertionError("prctl " + option);
            };
        }

        @Override
        public int setGroups(int count, MemorySegment groups) {
            StringBuilder step = new StringBuilder("setgroups");
            for (int i = 0; i < count; i++) {
                step.append(' ').append(groups.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return take(step.toString());
        }

        @Override
        public int setGroup(int group) {
            return take("setresgid " + group);
        }

        @Override
        public int setUser(int user) {
            return take("setresuid " + user);
        }

        @Override
        public int setCapabilities(MemorySegment header, MemorySegment data) {
            // The effective ones below number 32: what the process has not it cannot keep.
            assertThat(data.getAtIndex(ValueLayout.JAVA_INT, 0)).isEqualTo(1 << Capability.CAP_NET_ADMIN.number());
            return take("capset");
        }

        @Override
        public int execute(MemorySegment path, MemorySegment arguments, MemorySegment environment) {
            return take("execve");
        }
    }

    /** A process that holds CAP_NET_ADMIN but not CAP_BPF. */
    private Kernel kernel(Steps steps) throws IOException {
        Path status = Files.createDirectories(machine.resolve("proc/self")).resolve("status");
        Files.writeString(status, "CapEff:\t%016x\n".formatted(1L << Capability.CAP_NET_ADMIN.number()));
        return new Kernel(steps, new KernelFacts(machine));
    }

    @Test
    void shouldGiveUpRootStepByStepAndStopAtTheFirstRefusal() throws IOException {
        for (int i = 0; i < STEPS.size(); i++) {
            Steps steps = new Steps(STEPS.get(i));
            Kernel kernel = kernel(steps);

            assertThatThrownBy(() -> Restart.as(kernel, SERVICE, variable -> true))
                    .as(STEPS.get(i))
                    .isInstanceOf(BpfException.class)
                    .hasMessageContaining("change to user 998")
                    .hasMessageContaining("EPERM");
            assertThat(steps.taken).isEqualTo(STEPS.subList(0, i + 1));
        }
    }

    @Test
    void shouldSayWhichCallWasRefused() throws IOException {
        Kernel kernel = kernel(new Steps("setresuid 998"));

        assertThatThrownBy(() -> Restart.as(kernel, SERVICE, variable -> true))
                .hasMessageContaining("change to user 998: setresuid failed with EPERM");
    }
}
