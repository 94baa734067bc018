package net.sniproxy.bpf.btf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads memory by its BTF type into plain objects, as {@code bpftool map dump} shows them: a {@link Map} by member name for a
 * struct or union, a {@link List} for an array, a {@link Number} for an integer, pointer or unnamed value of an
 * enumeration, a {@link Boolean}, and a {@link String} for a character or a named value of an enumeration. Immutable.
 */
public final class BtfValues {
    /** What is nested deeper is no value of a map: the kernel nests 32 deep at most. */
    private static final int MOST_NESTED = 32;

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final Btf types;

    /** @param types of this machine's byte order */
    public BtfValues(Btf types) {
        this.types = types;
    }

    /**
     * Reads a value.
     *
     * @param type its id
     * @param memory its bytes, in this machine's byte order
     * @throws BtfException if the memory is shorter than the type, or the type has no values: {@code void}, functions,
     *     floating point
     */
    public Object read(int type, MemorySegment memory) {
        return read(type, memory, 0, 0);
    }

    private Object read(int type, MemorySegment memory, long bit, int depth) {
        int id = types.resolve(type);
        if (id == BtfBuilder.VOID || depth > MOST_NESTED) {
            throw new BtfException("type " + type + " has no values that can be shown");
        }
        return switch (types.type(id)) {
            case BtfType.Int integer -> integer(integer, bits(memory, bit, integer.bits()));
            case BtfType.Pointer _ -> unsigned(bits(memory, bit, Long.SIZE));
            case BtfType.Enumeration enumeration ->
                enumerator(enumeration, bits(memory, bit, Byte.SIZE * enumeration.size()));
            case BtfType.Array array -> array(array, memory, bit, depth);
            case BtfType.Composite composite -> members(composite, memory, bit, depth);
            case BtfType.DataSection section -> variables(section, memory, depth);
            case BtfType.Variable variable -> Map.of(variable.name(), read(variable.type(), memory, bit, depth + 1));
            case BtfType other -> throw new BtfException("type " + id + " has no values that can be shown: " + other);
        };
    }

    private Object integer(BtfType.Int type, long bits) {
        return switch (type.encoding()) {
            case UNSIGNED -> unsigned(bits);
            case SIGNED -> signed(bits, type.bits());
            case CHAR -> Character.toString((char) bits);
            case BOOL -> bits != 0;
        };
    }

    private static Object enumerator(BtfType.Enumeration type, long bits) {
        long value = type.signed() ? signed(bits, Byte.SIZE * type.size()) : bits;
        return type.values().stream()
                .filter(candidate -> candidate.value() == value)
                .<Object>map(BtfType.Enumerator::name)
                .findFirst()
                .orElse(value);
    }

    private Object array(BtfType.Array array, MemorySegment memory, long bit, int depth) {
        long size = types.sizeOf(array.element()) * Byte.SIZE;
        if (size == 0 || Integer.toUnsignedLong(array.length()) > memory.byteSize()) {
            throw new BtfException(array + " is not in " + memory.byteSize() + " bytes of memory");
        }
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < array.length(); i++) {
            elements.add(read(array.element(), memory, bit + i * size, depth + 1));
        }
        return elements;
    }

    private Object members(BtfType.Composite composite, MemorySegment memory, long bit, int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (BtfType.Member member : composite.members()) {
            long at = bit + Integer.toUnsignedLong(member.bitOffset());
            members.put(
                    member.name(),
                    member.bitSize() == 0
                            ? read(member.type(), memory, at, depth + 1)
                            : bitField(member, bits(memory, at, member.bitSize())));
        }
        return members;
    }

    private Object bitField(BtfType.Member member, long bits) {
        boolean signed = types.type(types.resolve(member.type())) instanceof BtfType.Int integer
                && integer.encoding() == BtfType.Encoding.SIGNED;
        return signed ? signed(bits, member.bitSize()) : unsigned(bits);
    }

    private Object variables(BtfType.DataSection section, MemorySegment memory, int depth) {
        List<Object> variables = new ArrayList<>();
        for (BtfType.SectionVariable place : section.variables()) {
            variables.add(read(place.variable(), memory, (long) Byte.SIZE * place.offset(), depth + 1));
        }
        return Map.of(section.name(), variables);
    }

    /** Up to 64 bits, the lowest bit of the result being that of the number. */
    private static long bits(MemorySegment memory, long bit, int count) {
        long first = bit / Byte.SIZE;
        int before = (int) (bit % Byte.SIZE);
        int bytes = (before + count + Byte.SIZE - 1) / Byte.SIZE;
        if (count < 1 || bytes > Long.BYTES || first + bytes > memory.byteSize()) {
            throw new BtfException(
                    "no number of " + count + " bits is at bit " + bit + " of " + memory.byteSize() + " bytes");
        }
        long word = 0;
        for (int i = 0; i < bytes; i++) {
            int place = LITTLE_ENDIAN ? i : bytes - 1 - i;
            word |= (memory.get(ValueLayout.JAVA_BYTE, first + i) & 0xffL) << Byte.SIZE * place;
        }
        int behind = Byte.SIZE * bytes - before - count;
        return word >>> (LITTLE_ENDIAN ? before : behind) & -1L >>> Long.SIZE - count;
    }

    private static long signed(long bits, int count) {
        int unused = Long.SIZE - count;
        return bits << unused >> unused;
    }

    private static Number unsigned(long bits) {
        return bits >= 0 ? bits : new BigInteger(Long.toUnsignedString(bits));
    }
}
