package net.sniproxy.bpf.compiler.fuzz;

import java.util.List;
import java.util.Random;

/** Random expressions of kernel programs' Java, of type int, long or boolean. */
final class Expressions {
    private static final List<String> INT_OPERATORS = List.of("+", "-", "*", "&", "|", "^");
    private static final List<String> SHIFTS = List.of("<<", ">>", ">>>");
    private static final List<String> COMPARISONS = List.of("==", "!=", "<", "<=", ">", ">=");
    private static final List<String> CASTS = List.of("(byte)", "(short)", "(char)");
    private static final int[] CONSTANTS = {
        0,
        1,
        2,
        -1,
        7,
        8,
        31,
        32,
        63,
        100,
        255,
        256,
        -128,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xff00ff00
    };
    private static final long[] LONG_CONSTANTS = {
        0,
        1,
        -1,
        0xffffffffL,
        0x100000000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        0x123456789abcdefL,
        -0x80000000L,
        0x80000000L
    };

    private final Random random;

    Expressions(Random random) {
        this.random = random;
    }

    String intOf(Scope scope, int depth) {
        if (depth == 0) {
            return random.nextInt(3) == 0 ? constant() : scope.anyInt(random);
        }
        return switch (random.nextInt(17)) {
            case 0, 1, 2, 3 ->
                "(" + intOf(scope, depth - 1) + " " + pick(INT_OPERATORS) + " " + intOf(scope, depth - 1) + ")";
            case 4, 5 -> "(" + intOf(scope, depth - 1) + " " + pick(SHIFTS) + " " + shiftCount(scope, 32) + ")";
            case 6 -> "(-" + intOf(scope, depth - 1) + ")";
            case 7 -> "(~" + intOf(scope, depth - 1) + ")";
            case 8 -> pick(CASTS) + " " + intOf(scope, depth - 1);
            case 9 -> "(int) " + longOf(scope, depth - 1);
            case 10 ->
                "(" + condition(scope, depth - 1) + " ? " + intOf(scope, depth - 1) + " : " + intOf(scope, depth - 1)
                        + ")";
            case 11 -> "Integer.reverseBytes(" + intOf(scope, depth - 1) + ")";
            case 12 -> "ByteOrders.network" + (random.nextBoolean() ? "16(" : "32(") + intOf(scope, depth - 1) + ")";
            case 13 ->
                "Integer." + (random.nextBoolean() ? "divide" : "remainder") + "Unsigned(" + intOf(scope, depth - 1)
                        + ", " + divisor(scope, depth - 1) + ")";
            case 14 -> "buffer.u8(" + intOf(scope, depth - 1) + " & 63)";
            case 15 -> packetLoad();
            default ->
                "helper" + random.nextInt(Programs.HELPERS) + "(" + intOf(scope, depth - 1) + ", "
                        + longOf(scope, depth - 1) + ")";
        };
    }

    String longOf(Scope scope, int depth) {
        if (depth == 0) {
            return random.nextInt(3) == 0 ? longConstant() : scope.anyLong(random);
        }
        return switch (random.nextInt(13)) {
            case 0, 1, 2, 3 ->
                "(" + longOf(scope, depth - 1) + " " + pick(INT_OPERATORS) + " " + longOf(scope, depth - 1) + ")";
            case 4, 5 -> "(" + longOf(scope, depth - 1) + " " + pick(SHIFTS) + " " + shiftCount(scope, 64) + ")";
            case 6 -> "(-" + longOf(scope, depth - 1) + ")";
            case 7 -> "(long) " + intOf(scope, depth - 1);
            case 8 -> "Integer.toUnsignedLong(" + intOf(scope, depth - 1) + ")";
            case 9 ->
                "(" + condition(scope, depth - 1) + " ? " + longOf(scope, depth - 1) + " : " + longOf(scope, depth - 1)
                        + ")";
            case 10 -> "Long.reverseBytes(" + longOf(scope, depth - 1) + ")";
            case 11 ->
                "Long." + (random.nextBoolean() ? "divide" : "remainder") + "Unsigned(" + longOf(scope, depth - 1)
                        + ", " + longOf(scope, depth - 1) + " | 1)";
            default -> "buffer.u64(" + random.nextInt(8) * 8 + ")";
        };
    }

    String condition(Scope scope, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 7)) {
            case 0, 1 -> intOf(scope, depth) + " " + pick(COMPARISONS) + " " + intOf(scope, depth);
            case 2 -> longOf(scope, depth) + " " + pick(COMPARISONS) + " " + longOf(scope, depth);
            case 3 ->
                "Integer.compareUnsigned(" + intOf(scope, depth) + ", " + intOf(scope, depth) + ") " + pick(COMPARISONS)
                        + " 0";
            case 4 ->
                "Long.compareUnsigned(" + longOf(scope, depth) + ", " + longOf(scope, depth) + ") " + pick(COMPARISONS)
                        + " 0";
            case 5 ->
                "(" + condition(scope, depth - 1) + (random.nextBoolean() ? " && " : " || ")
                        + condition(scope, depth - 1) + ")";
            default -> "!(" + condition(scope, depth - 1) + ")";
        };
    }

    private String shiftCount(Scope scope, int bits) {
        return random.nextBoolean() ? Integer.toString(random.nextInt(bits)) : scope.anyInt(random);
    }

    private String divisor(Scope scope, int depth) {
        return switch (random.nextInt(3)) {
            case 0 -> Integer.toString(1 + random.nextInt(1000));
            case 1 -> "(" + intOf(scope, depth) + " & 15) + 1";
            default -> "(" + intOf(scope, depth) + " | 1)";
        };
    }

    private String packetLoad() {
        return switch (random.nextInt(5)) {
            case 0 -> "data.u8(" + random.nextInt(64) + ")";
            case 1 -> "data.u16(" + random.nextInt(63) + ")";
            case 2 -> "data.u16be(" + random.nextInt(63) + ")";
            case 3 -> "data.u32(" + random.nextInt(61) + ")";
            default -> "data.u32be(" + random.nextInt(61) + ")";
        };
    }

    private String constant() {
        return "(" + CONSTANTS[random.nextInt(CONSTANTS.length)] + ")";
    }

    private String longConstant() {
        return "(" + LONG_CONSTANTS[random.nextInt(LONG_CONSTANTS.length)] + "L)";
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
