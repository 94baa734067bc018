package net.sniproxy.bpf.compiler.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Optional;
import java.util.stream.LongStream;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.Test;

/**
 * Three thousand random programs do in the kernel what they do on the JVM. The seeds are fixed; with
 * {@code -Dfuzz.seconds=600} (or {@code make fuzz}) new ones are tried for so long, from the seed that
 * {@code -Dfuzz.seed} says or from one that the clock gives. A failing class is printed with its seed, reduced to what
 * matters.
 */
@KernelTest
class FuzzTest {
    private static final int CLASSES = 150;
    private static final int PROGRAMS = 20;
    private static final long SECONDS = Long.getLong("fuzz.seconds", 0);
    private static final long SEED = Long.getLong("fuzz.seed", System.currentTimeMillis() << 16);

    @Test
    void shouldRunAlikeInKernelAndJvm() {
        LongStream.range(0, CLASSES).parallel().forEach(FuzzTest::check);
    }

    @Test
    void shouldRunAlikeForAsLongAsAsked() {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        long classes = 0;
        for (long seed = SEED; System.nanoTime() < end; seed++) {
            check(seed);
            classes++;
        }
        assertThat(classes).as("classes of %d programs", PROGRAMS).isGreaterThanOrEqualTo(SECONDS > 0 ? 1 : 0);
    }

    private static void check(long seed) {
        Programs programs = Programs.generate(seed, PROGRAMS);
        Optional<String> difference = difference(programs);
        if (difference.isEmpty()) {
            return;
        }
        String kind = kind(difference.get());
        Programs reduced =
                new Reducer(less -> difference(less).map(FuzzTest::kind).equals(Optional.of(kind))).reduce(programs);
        fail("seed %d: %s\nreduced:\n%s\n%s", seed, difference.get(), reduced.source(), difference(reduced));
    }

    /** A refusal must stay a refusal of the same side while the class is reduced. */
    private static String kind(String difference) {
        return difference.startsWith("refused") ? difference.substring(0, difference.indexOf(':')) : "difference";
    }

    private static Optional<String> difference(Programs programs) {
        return new Differential(programs, CompileOptions.defaults()).difference();
    }
}
