package net.sniproxy.bpf.compiler.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import org.junit.jupiter.api.Test;

/** The generator itself: what it writes compiles, runs on the JVM within the kernel's rules, and follows from the seed. */
class GeneratorTest {
    private static final int CLASSES = 10;
    private static final int PROGRAMS = 20;

    @Test
    void shouldFollowFromTheSeedAlone() {
        assertThat(Programs.generate(1, 5)).isEqualTo(Programs.generate(1, 5));
        assertThat(Programs.generate(1, 5).source())
                .isNotEqualTo(Programs.generate(2, 5).source());
    }

    @Test
    void shouldWriteProgramsThatRunAndDiffer() throws ReflectiveOperationException {
        Random random = new Random(99);
        Set<Integer> results = new HashSet<>();
        for (int seed = 0; seed < CLASSES; seed++) {
            Programs programs = Programs.generate(seed, PROGRAMS);
            Class<?> type = MemoryCompiler.compile(programs).loadClass(programs.className());
            for (int i = 0; i < PROGRAMS; i++) {
                byte[] packet = new byte[Programs.PACKET + random.nextInt(32)];
                random.nextBytes(packet);
                Method program = type.getMethod(Programs.name(i), XdpContext.class);
                results.add((int) program.invoke(null, XdpContext.ofFrame(packet)));
            }
        }
        assertThat(results.size()).isGreaterThan(CLASSES * PROGRAMS * 9 / 10);
    }
}
