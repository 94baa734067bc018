package net.sniproxy.bpf.compiler.fuzz;

import java.util.Random;

/** Random statements of kernel programs' Java. Loops are bounded by small constants, as the verifier walks them. */
final class Statements {
    private static final int EXPRESSION_DEPTH = 3;
    private static final int MAX_LOOPS = 2;
    private static final int MOST_ROUNDS = 4;
    /** Of a loop within a loop: every branch in it doubles the ways that the verifier walks in each round. */
    private static final int MOST_INNER_ROUNDS = 2;

    private final Random random;
    private final Expressions expressions;
    private final StringBuilder out;
    private int names;

    Statements(Random random, StringBuilder out) {
        this.random = random;
        this.expressions = new Expressions(random);
        this.out = out;
    }

    void block(Scope scope, int statements, int nesting, int loops) {
        for (int i = 0; i < statements; i++) {
            statement(scope, nesting, loops);
        }
    }

    private void statement(Scope scope, int nesting, int loops) {
        switch (random.nextInt(nesting == 0 ? 8 : 14)) {
            case 0, 1, 2 -> assignment(scope);
            case 3 -> declareInt(scope);
            case 4 -> bufferStore(scope);
            case 5 -> mapEntry(scope);
            case 6 -> packetStore(scope);
            case 7 -> field(scope);
            case 8, 9 -> branch(scope, nesting, loops);
            case 10 -> choice(scope, nesting, loops);
            case 11 -> cursor(scope);
            case 12 -> record(scope);
            default -> {
                if (loops < MAX_LOOPS) {
                    loop(scope, nesting, loops);
                }
            }
        }
    }

    private void assignment(Scope scope) {
        String target = scope.anyWritable(random);
        line(target + " = " + (target.startsWith("l") ? longOf(scope) : intOf(scope)) + ";");
    }

    private void declareInt(Scope scope) {
        String name = "i" + (10 + names++);
        line("int " + name + " = " + intOf(scope) + ";");
        scope.ints().add(name);
        scope.writable().add(name);
    }

    private void field(Scope scope) {
        switch (random.nextInt(6)) {
            case 0 -> line("fields.b = (byte) " + intOf(scope) + ";");
            case 1 -> line("fields.c = (char) " + intOf(scope) + ";");
            case 2 -> line("fields.s += " + intOf(scope) + ";");
            case 3 -> line("fields.i ^= " + intOf(scope) + ";");
            case 4 -> line("fields.l -= " + longOf(scope) + ";");
            default -> line("fields.inner.n = " + intOf(scope) + ";");
        }
    }

    private void bufferStore(Scope scope) {
        switch (random.nextInt(4)) {
            case 0 -> line("buffer.setU8(" + intOf(scope) + " & 63, " + intOf(scope) + ");");
            case 1 -> line("buffer.setU16be(" + random.nextInt(32) * 2 + ", " + intOf(scope) + ");");
            case 2 -> line("buffer.setU32(" + random.nextInt(16) * 4 + ", " + intOf(scope) + ");");
            default -> line("buffer.setU64(" + random.nextInt(8) * 8 + ", " + longOf(scope) + ");");
        }
    }

    private void packetStore(Scope scope) {
        switch (random.nextInt(3)) {
            case 0 -> line("data.setU8(" + random.nextInt(64) + ", " + intOf(scope) + ");");
            case 1 -> line("data.setU16be(" + random.nextInt(63) + ", " + intOf(scope) + ");");
            default -> line("data.setU32be(" + random.nextInt(61) + ", " + intOf(scope) + ");");
        }
    }

    private void mapEntry(Scope scope) {
        String entry = "v" + names++;
        String key = "new Key(" + intOf(scope) + " & 3, (short) (" + intOf(scope) + " & 1))";
        if (random.nextBoolean()) {
            key = "(" + intOf(scope) + " & 7)";
            line("Value " + entry + " = NUMBERED.lookup(" + key + ");");
            line("if (" + entry + " == null) { NUMBERED.update(" + key + ", fresh, 0); } else {");
        } else {
            line("Value " + entry + " = KEYED.lookup(" + key + ");");
            line("if (" + entry + " == null) { KEYED.update(" + key + ", fresh, 0); } else {");
        }
        line(entry + ".count += " + intOf(scope) + ";");
        line("l0 ^= " + entry + ".total;");
        line(entry + ".total = " + longOf(scope) + ";");
        line("}");
        if (random.nextInt(4) == 0) {
            line("i0 += NUMBERED.delete(" + intOf(scope) + " & 7);");
        }
    }

    private void cursor(Scope scope) {
        String name = "p" + names++;
        line("Packet " + name + " = data.plus(" + intOf(scope) + " & 63);");
        line("if (context.dataEnd().covers(" + name + ", 4)) {");
        line("i1 ^= " + name + ".u32be(0) + " + name + ".u8(3);");
        line("} else { i1++; }");
    }

    private void record(Scope scope) {
        String name = "k" + names++;
        line("Key " + name + " = new Key(" + intOf(scope) + ", (short) " + intOf(scope) + ");");
        line("i2 ^= " + name + ".first() * 31 + " + name + ".second();");
    }

    private void branch(Scope scope, int nesting, int loops) {
        line("if (" + expressions.condition(scope, 2) + ") {");
        block(scope.nested(), 1 + random.nextInt(3), nesting - 1, loops);
        if (random.nextBoolean()) {
            line("} else {");
            block(scope.nested(), 1 + random.nextInt(3), nesting - 1, loops);
        }
        line("}");
    }

    private void choice(Scope scope, int nesting, int loops) {
        line("switch (" + intOf(scope) + " & 7) {");
        for (int label : new int[] {0, 1, 5}) {
            line("case " + label + " -> {");
            block(scope.nested(), 1, nesting - 1, loops);
            line("}");
        }
        line("default -> {");
        block(scope.nested(), 1, nesting - 1, loops);
        line("}");
        line("}");
    }

    private void loop(Scope scope, int nesting, int loops) {
        String index = "n" + names++;
        int rounds = Math.min(1 + random.nextInt(MOST_ROUNDS), loops == 0 ? MOST_ROUNDS : MOST_INNER_ROUNDS);
        line("for (int " + index + " = 0; " + index + " < " + rounds + "; " + index + "++) {");
        Scope body = scope.nested();
        body.ints().add(index);
        block(body, 1 + random.nextInt(2), nesting - 1, loops + 1);
        if (random.nextInt(3) == 0) {
            line("if (" + expressions.condition(body, 1) + ") { " + (random.nextBoolean() ? "break" : "continue")
                    + "; }");
            line("i3++;");
        }
        line("}");
    }

    private String intOf(Scope scope) {
        return expressions.intOf(scope, random.nextInt(EXPRESSION_DEPTH + 1));
    }

    private String longOf(Scope scope) {
        return expressions.longOf(scope, random.nextInt(EXPRESSION_DEPTH + 1));
    }

    private void line(String text) {
        out.append("        ").append(text).append('\n');
    }
}
