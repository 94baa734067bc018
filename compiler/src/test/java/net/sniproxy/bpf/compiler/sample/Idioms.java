package net.sniproxy.bpf.compiler.sample;

import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.BigEndian;
import net.sniproxy.bpf.layout.Length;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.ProgramType;

/** One program for each construct of the language. Each works on the first 32 bytes of its packet. */
public final class Idioms {
    /** Bytes that every packet has. */
    public static final int SIZE = 32;

    @BpfMap(name = "IDIOMS", maxEntries = 16)
    static final BpfHash<Key, U64> MAP = BpfHash.of(16);

    private Idioms() {}

    /** A key with padding. */
    @Struct
    record Key(byte kind, int number, @BigEndian short port) {}

    /** A struct with everything inside. */
    @Struct
    static final class Nested {
        int first;
        final Inner inner = new Inner();

        @Length(8)
        final byte[] bytes = new byte[8];

        @Unsigned
        byte last;
    }

    /** The inner struct. */
    @Struct
    static final class Inner {
        short small;
        long large;
    }

    /** No C struct: its fields become values. */
    private record Pair(int left, int right) {
        int sum() {
            return left + right;
        }
    }

    private enum Colour {
        RED,
        GREEN,
        BLUE
    }

    private static boolean isShort(XdpContext context) {
        return !context.dataEnd().covers(context.data(), SIZE);
    }

    @BpfProgram(type = ProgramType.XDP, name = "arithmetic")
    static int arithmetic(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        int a = packet.u32(0);
        int b = packet.u32(4);
        long c = packet.u64(8);
        long d = packet.u64(16);
        int result = a * 31 + b - (a ^ b) + (a << (b & 7)) + (a >> 3) + (b >>> 5) + (a & ~b | 0x55);
        long wide = c * d + (c >>> (a & 63)) - (d >> 7) + (c & d) + (long) a * b + -c;
        result += Integer.rotateLeft(a, 5) + Integer.reverseBytes(b) + (byte) a + (short) b + (char) a;
        result += Integer.compareUnsigned(a, b) + Long.compare(c, d) + Long.compareUnsigned(c, d);
        result += Math.min(a, b) + Math.max(a, 17) + Math.abs(b);
        return result + (int) wide + (int) (wide >>> 32);
    }

    @BpfProgram(type = ProgramType.XDP, name = "division")
    static int division(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        int a = packet.u32(0);
        int b = packet.u32(4);
        long c = packet.u64(8);
        int result = a / 7 + a % 7 + a / -3 + (packet.u8(2) / 10) + packet.u16(4) % 9 + Integer.divideUnsigned(a, 5);
        result += Integer.remainderUnsigned(b, 11) + (int) (c / 1_000_003) + (int) (c % 77);
        if (b != 0) {
            result += a / b + a % b;
        }
        int small = b & 15;
        if (small > 0) {
            result += a / small;
        }
        return result + a / (small | 16) + (int) Long.divideUnsigned(c, 13);
    }

    @BpfProgram(type = ProgramType.XDP, name = "loops")
    static int loops(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        int sum = 0;
        for (int i = 0; i < 32; i++) {
            sum = sum * 31 + at(packet, i);
        }
        int bits = 0;
        int value = packet.u8(3);
        for (int i = 0; i < 8 && value != 0; i++) {
            bits += value & 1;
            value >>>= 1;
        }
        outer:
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                if (((packet.u8(5) >> i) & 1) == 1 && j > i) {
                    continue outer;
                }
                sum += i * j;
            }
        }
        return sum + bits;
    }

    private static int at(Packet packet, int index) {
        return switch (index & 3) {
            case 0 -> packet.u8(0);
            case 1 -> packet.u8(1);
            case 2 -> packet.u8(2);
            default -> packet.u8(7);
        };
    }

    @BpfProgram(type = ProgramType.XDP, name = "records")
    static int records(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Pair pair = pair(context.data());
        if (pair == null) {
            return 7;
        }
        Pair other = pair.left() > 100 ? new Pair(pair.right(), pair.left()) : pair;
        return other.sum() * 3 - other.left();
    }

    private static Pair pair(Packet packet) {
        return packet.u8(1) > 200 ? null : new Pair(packet.u8(2), packet.u16be(4));
    }

    @BpfProgram(type = ProgramType.XDP, name = "lambdas")
    static int lambdas(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        int factor = packet.u8(1);
        return twice(x -> x * factor, packet.u8(0)) + twice(Idioms::negate, packet.u8(2)) + twice(packet::u8, 3);
    }

    private static int twice(IntUnaryOperator function, int value) {
        int result = 0;
        for (int i = 0; i < 2; i++) {
            result += function.applyAsInt(value + 0 * i);
        }
        return result;
    }

    private static int negate(int value) {
        return -value;
    }

    @BpfProgram(type = ProgramType.XDP, name = "enums")
    static int enums(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Colour colour = colour(context.data().u8(0));
        int price = switch (colour) {
            case RED -> 10;
            case GREEN -> 20 + context.data().u8(1);
            case BLUE -> 30;
        };
        return colour == Colour.BLUE ? price * 2 : price + colour.ordinal();
    }

    private static Colour colour(int number) {
        return switch (number & 7) {
            case 0, 3 -> Colour.RED;
            case 1 -> Colour.GREEN;
            default -> Colour.BLUE;
        };
    }

    @BpfProgram(type = ProgramType.XDP, name = "structs")
    static int structs(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        Nested nested = new Nested();
        nested.first = packet.u32(0);
        nested.inner.small = (short) packet.u16(4);
        nested.inner.large = packet.u64(8);
        nested.last = (byte) packet.u8(6);
        for (int i = 0; i < 8; i++) {
            nested.bytes[i] = (byte) (nested.first >> i);
        }
        nested.inner.large += nested.bytes[3];
        int sum = 0;
        for (int i = 0; i < nested.bytes.length; i++) {
            sum = sum * 7 + nested.bytes[i];
        }
        return sum + nested.inner.small + (int) nested.inner.large + nested.last + (nested.last & 0xff);
    }

    @BpfProgram(type = ProgramType.XDP, name = "maps")
    static int maps(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        Key key = new Key((byte) (packet.u8(0) & 1), packet.u8(1) & 1, (short) 443);
        U64 known = MAP.lookup(key);
        if (known == null) {
            MAP.update(key, new U64(packet.u8(3)), UpdateFlags.ANY);
            known = MAP.lookup(key);
            if (known == null) {
                return -2;
            }
        }
        known.add(packet.u8(2));
        int result = (int) known.value;
        int deleted = MAP.delete(key);
        return result + deleted + (MAP.lookup(key) == null ? 1000 : 0);
    }

    @BpfProgram(type = ProgramType.XDP, name = "buffers")
    static int buffers(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        Buffer buffer = Buffer.ofSize(64);
        buffer.setU32be(4, packet.u32(0));
        buffer.setU16(8, packet.u16(4));
        buffer.setU8(packet.u8(6) & 63, packet.u8(7));
        int sum = 0;
        for (int i = 0; i < 16; i++) {
            sum = sum * 3 + buffer.u8(i);
        }
        int[] table = new int[4];
        table[packet.u8(1) & 3] = packet.u8(2);
        for (int i = 0; i < table.length; i++) {
            sum += table[i] * (i + 1);
        }
        return sum + buffer.u16be(8) + ByteOrders.network32(sum);
    }

    @BpfProgram(type = ProgramType.XDP, name = "functions")
    static int functions(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        Packet packet = context.data();
        int first = packet.u8(0);
        Nested nested = new Nested();
        nested.first = packet.u32(4);
        int result = mix(context, nested, first, packet.u64(8));
        return result + nested.first + (overLimit(result) ? 5 : 6);
    }

    @BpfFunction
    static int mix(XdpContext context, Nested nested, int first, long second) {
        if (isShort(context)) {
            return -3;
        }
        nested.first += first;
        nested.inner.large = second;
        return (int) (second >>> 8) + context.data().u8(1) + (int) nested.inner.large;
    }

    @BpfFunction
    static boolean overLimit(int value) {
        return value > 1000;
    }

    /** Buffers of 768 bytes together, of which one at a time is needed. */
    @BpfProgram(type = ProgramType.XDP, name = "objects")
    static int objects(XdpContext context) {
        if (isShort(context)) {
            return -1;
        }
        int index = context.data().u8(0);
        int sum = folded(context.data().u32(4), index);
        for (int i = 0; i < 3; i++) {
            sum = folded(sum + i, index + i);
        }
        return folded(sum, context.data().u8(1));
    }

    private static int folded(int value, int index) {
        Buffer buffer = Buffer.ofSize(256);
        buffer.setU32(128, value);
        buffer.setU8(index & 255, 7);
        return buffer.u32(128) * 31 + buffer.u8(index & 255) + buffer.u8(0);
    }

    /** Counts of shifts that are negative: the distance is bounded by the last one alone. */
    @BpfProgram(type = ProgramType.XDP, name = "negative_shifts")
    static int negativeShifts(XdpContext context) {
        Packet packet = context.data();
        PacketEnd end = context.dataEnd();
        if (!end.covers(packet, SIZE)) {
            return -1;
        }
        long number = packet.u64(8);
        Packet rest = packet.plus((int) (number >>> -1) & 3);
        return end.covers(rest, 8) ? rest.u16be(2) + (int) (number << -3) + (int) (number >> -60) : -2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "conditions")
    static int conditions(XdpContext context) {
        Packet packet = context.data();
        PacketEnd end = context.dataEnd();
        if (!end.covers(packet, SIZE)) {
            return -1;
        }
        int a = packet.u8(0);
        int b = packet.u8(1);
        boolean both = a > 10 && b > 10;
        boolean either = a < 5 || b < 5;
        boolean odd = (a & 1) != 0 ^ (b & 1) != 0;
        int result = (both ? 1 : 0) + (either ? 2 : 0) + (odd ? 4 : 0);
        Packet rest = packet.plus(a & 15);
        if (end.covers(rest, 8)) {
            result += rest.u16be(2) + (int) (rest.u32be(4) & 0xffffffffL);
        }
        return result;
    }
}
