package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.compiler.sample.Idioms;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every construct of the language does the same in the kernel as on the JVM. */
@KernelTest
@SinceKernel("6.6") // Signed division and other instructions that came together.
class IdiomsTest {
    private static final int PACKETS = 60;
    private static LoadedObject version3;
    private static LoadedObject version4;

    @BeforeAll
    static void load() {
        CompileOptions options = CompileOptions.defaults();
        version3 = LoadedObject.load(Kernel.running(), Compiler.compile(options, Idioms.class));
        version4 = LoadedObject.load(Kernel.running(), Compiler.compile(options.withVersion4(true), Idioms.class));
    }

    @AfterAll
    static void close() {
        version3.close();
        version4.close();
    }

    static Stream<Method> programs() {
        return Arrays.stream(Idioms.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(BpfProgram.class));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldReturnTheSameInTheKernelAsOnTheJvm(Method program) throws ReflectiveOperationException {
        program.setAccessible(true);
        String name = program.getAnnotation(BpfProgram.class).name();
        Random random = new Random(42);
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = packet(random, i);
            int expected = onJvm(program, packet);
            TestRun run = TestRun.onPacket(packet);
            assertThat(version3.program(name).run(run).returnValue())
                    .as("%s, instruction set v3, on %s", name, Arrays.toString(packet))
                    .isEqualTo(expected);
            assertThat(version4.program(name).run(run).returnValue())
                    .as("%s, instruction set v4, on %s", name, Arrays.toString(packet))
                    .isEqualTo(expected);
        }
    }

    private static int onJvm(Method program, byte[] packet) throws ReflectiveOperationException {
        try {
            return (int) program.invoke(null, XdpContext.ofFrame(packet));
        } catch (InvocationTargetException e) {
            throw new AssertionError(program.getName() + " on " + Arrays.toString(packet), e.getCause());
        }
    }

    /** Short and long packets, of random bytes and of the extreme ones. */
    private static byte[] packet(Random random, int number) {
        byte[] packet = new byte[number % 10 == 9 ? 20 : Idioms.SIZE + random.nextInt(40)];
        random.nextBytes(packet);
        for (int i = 0; i < packet.length && number % 3 == 0; i++) {
            packet[i] = (byte) (random.nextBoolean() ? 0 : -1);
        }
        return packet;
    }
}
