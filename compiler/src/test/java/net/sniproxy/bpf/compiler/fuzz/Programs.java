package net.sniproxy.bpf.compiler.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The source of a class of random kernel programs: XDP programs that compute with what the packet holds, write what they
 * found back into it, and keep structs in maps.
 *
 * @param className simple name of the class, in the unnamed package
 * @param source the class
 */
record Programs(String className, String source) {
    /** Static methods that every class has, for programs to call. */
    static final int HELPERS = 3;
    /** Bytes that a packet must have. */
    static final int PACKET = 64;

    private static final String HEADER = """
            import net.sniproxy.bpf.compiler.lang.*;
            import net.sniproxy.bpf.layout.*;
            import net.sniproxy.bpf.spec.ProgramType;

            public final class %s {
                @Struct("Inner") static final class Inner { int n; }
                @Struct("Fields") static final class Fields {
                    byte b; short s; int i; long l; char c; final Inner inner = new Inner();
                }
                @Struct("Value") public static final class Value { public int count; public long total; }
                @Struct("Key") public record Key(int first, short second) {}

                @BpfMap(name = "NUMBERED", maxEntries = 6)
                public static final BpfHash<Integer, Value> NUMBERED = BpfHash.of(6);
                @BpfMap(name = "KEYED", maxEntries = 16)
                public static final BpfHash<Key, Value> KEYED = BpfHash.of(16);

            """;

    private static final String PROLOGUE = """
                    Packet data = context.data();
                    if (!context.dataEnd().covers(data, 64)) { return -1; }
                    int i0 = data.u32(0);
                    int i1 = data.u16be(4);
                    int i2 = data.u8(6);
                    int i3 = data.u32be(8);
                    long l0 = data.u64(16);
                    long l1 = data.u64be(24);
                    long l2 = data.u32(32);
                    Buffer buffer = Buffer.ofSize(64);
                    Fields fields = new Fields();
                    Value fresh = new Value();
                    fresh.total = l1;
            """;

    private static final String EPILOGUE = """
                    i0 += fields.b + fields.c * 3 + fields.s * 5 + fields.i + fields.inner.n;
                    l0 += fields.l ^ buffer.u64(8) ^ buffer.u64(40);
                    data.setU64(0, l0);
                    data.setU64(8, l1);
                    data.setU64(16, l2);
                    data.setU32(24, i1);
                    data.setU32(28, i2);
                    data.setU32(32, i3);
                    return i0;
            """;

    /** A class of programs {@code p0}, {@code p1} … that follows from the seed alone. */
    static Programs generate(long seed, int programs) {
        Random random = new Random(seed);
        String className = "Generated" + Long.toUnsignedString(seed);
        StringBuilder out = new StringBuilder(HEADER.formatted(className));
        for (int i = 0; i < HELPERS; i++) {
            helper(random, out, i);
        }
        for (int i = 0; i < programs; i++) {
            program(random, out, i);
        }
        return new Programs(className, out.append("}\n").toString());
    }

    /** What a program is called. */
    static String name(int program) {
        return "p" + program;
    }

    private static void helper(Random random, StringBuilder out, int number) {
        Expressions expressions = new Expressions(random);
        // Helpers have neither packet nor buffer, and call nothing: their expressions are leaves and simple operators.
        Scope scope = new Scope(List.of("a"), List.of("b"), List.of());
        out.append("    static int helper" + number + "(int a, long b) {\n");
        out.append(
                "        if (" + expressions.condition(scope, 0) + ") { return a - " + random.nextInt(100) + "; }\n");
        out.append("        return (int) (b >> " + random.nextInt(64) + ") ^ " + expressions.intOf(scope, 0) + ";\n");
        out.append("    }\n\n");
    }

    private static void program(Random random, StringBuilder out, int number) {
        out.append("    @BpfProgram(type = ProgramType.XDP, name = \"" + name(number) + "\")\n");
        out.append("    public static int " + name(number) + "(XdpContext context) {\n");
        out.append(PROLOGUE);
        List<String> ints = new ArrayList<>(List.of("i0", "i1", "i2", "i3"));
        List<String> longs = new ArrayList<>(List.of("l0", "l1", "l2"));
        List<String> writable = new ArrayList<>(ints);
        writable.addAll(longs);
        ints.addAll(List.of("fields.i", "fields.b", "fields.s", "fields.c", "fields.inner.n"));
        longs.add("fields.l");
        new Statements(random, out).block(new Scope(ints, longs, writable), 4 + random.nextInt(6), 3, 0);
        out.append(EPILOGUE).append("    }\n\n");
    }
}
