package net.sniproxy.bpf.compiler.fuzz;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.compiler.CompileException;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.KeyedMap;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.TestResult;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.spec.ObjectSpec;

/** Runs the same class in the kernel and on the JVM, on the same packets, and says where they differ. */
final class Differential {
    private static final int PACKETS = 4;
    private static final int EXTRA_BYTES = 40;

    private final Programs programs;
    private final CompileOptions options;

    Differential(Programs programs, CompileOptions options) {
        this.programs = programs;
        this.options = options;
    }

    /** The first difference in words; empty when there is none. */
    Optional<String> difference() {
        try {
            Class<?> type = MemoryCompiler.compile(programs).loadClass(programs.className());
            ObjectSpec spec = Compiler.compile(options, type);
            try (LoadedObject object = LoadedObject.load(Kernel.running(), spec)) {
                return compare(type, object);
            }
        } catch (CompileException refused) {
            return Optional.of("refused by the compiler: " + refused.getMessage());
        } catch (VerifierException refused) {
            return Optional.of("refused by the verifier: " + refused.getMessage());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Optional<String> compare(Class<?> type, LoadedObject object) throws IllegalAccessException {
        Random random = new Random(programs.className().hashCode());
        for (Method method : programs(type)) {
            for (int i = 0; i < PACKETS; i++) {
                byte[] packet = new byte[Programs.PACKET + random.nextInt(EXTRA_BYTES)];
                random.nextBytes(packet);
                Outcome jvm = onJvm(method, packet);
                TestResult ran = object.program(method.getName()).run(TestRun.onPacket(packet));
                Outcome kernel = new Outcome(ran.returnValue(), ran.data());
                if (!jvm.equals(kernel)) {
                    return Optional.of(method.getName() + " on "
                            + HexFormat.of().formatHex(packet) + "\nJVM    " + jvm + "\nkernel " + kernel);
                }
            }
        }
        return compareMap(type, object, "NUMBERED", Codec.u32()).or(() -> compareKeyed(type, object));
    }

    private static Optional<String> compareKeyed(Class<?> type, LoadedObject object) {
        return compareMap(type, object, "KEYED", Codec.of(member(type, "Key")));
    }

    private static <K> Optional<String> compareMap(Class<?> type, LoadedObject object, String name, Codec<K> keys) {
        if (!object.maps().containsKey(name)) {
            // No program of the class uses it.
            return Optional.empty();
        }
        Map<String, String> jvm = new LinkedHashMap<>();
        KeyedMap<?, ?> fake = map(type, name);
        fake.entries().forEach((key, value) -> jvm.put(key.toString(), text(value)));
        Map<String, String> kernel = new LinkedHashMap<>();
        Codec<?> values = Codec.of(member(type, "Value"));
        TypedMap.of(object.map(name), keys, values)
                .snapshot()
                .forEach((key, value) -> kernel.put(key.toString(), text(value)));
        return jvm.equals(kernel)
                ? Optional.empty()
                : Optional.of("map " + name + "\nJVM    " + jvm + "\nkernel " + kernel);
    }

    private static Outcome onJvm(Method method, byte[] packet) throws IllegalAccessException {
        XdpContext context = XdpContext.ofFrame(packet);
        try {
            return new Outcome((int) method.invoke(null, context), context.frame());
        } catch (InvocationTargetException e) {
            throw new AssertionError("the JVM run of " + method + " failed", e.getCause());
        }
    }

    private static List<Method> programs(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.isAnnotationPresent(BpfProgram.class))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }

    private static Class<?> member(Class<?> type, String name) {
        return Arrays.stream(type.getDeclaredClasses())
                .filter(member -> member.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static KeyedMap<?, ?> map(Class<?> type, String name) {
        try {
            return (KeyedMap<?, ?>) type.getField(name).get(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Object value) {
        try {
            return value.getClass().getField("count").get(value) + "/"
                    + value.getClass().getField("total").get(value);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** What a run leaves behind. */
    private record Outcome(int verdict, byte[] packet) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Outcome that && verdict == that.verdict && Arrays.equals(packet, that.packet);
        }

        @Override
        public int hashCode() {
            return verdict;
        }

        @Override
        public String toString() {
            return verdict + " " + HexFormat.of().formatHex(packet);
        }
    }
}
