package net.sniproxy.bpf.btf;

import java.io.ByteArrayOutputStream;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.btf.BtfType.*;

/**
 * Collects types and strings; what was added before is found again and not added twice. The same calls in the same order
 * give the same bytes. Not for use by several threads.
 */
public final class BtfBuilder {
    /** The id of {@code void}. */
    public static final int VOID = 0;

    private static final int MAX_COUNT = 0xffff;
    private static final int KIND_FLAG = 1 << 31;

    /** By the words of the types and not by the records: for a record's {@code hashCode} a fresh JVM makes code first. */
    private final Map<IntBuffer, Integer> ids = new HashMap<>();

    private final Map<String, Integer> stringOffsets = new HashMap<>();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private int[] words = new int[256];
    private int length;

    public BtfBuilder() {
        string("");
    }

    /** The offset of a string, such as those that line info refers to. */
    public int string(String text) {
        return stringOffsets.computeIfAbsent(text, added -> {
            if (added.indexOf('\0') >= 0) {
                throw new BtfException("a string of BTF cannot contain a zero byte: " + added.replace('\0', '?'));
            }
            int offset = strings.size();
            strings.writeBytes(added.getBytes(StandardCharsets.UTF_8));
            strings.write(0);
            return offset;
        });
    }

    /**
     * The id of a type, from 1. Types that it refers to are added before it, so that their ids are known.
     *
     * @throws BtfException if the type has more than 65,535 members, or refers to an id that does not exist
     */
    public int add(BtfType type) {
        int before = length;
        try {
            append(type);
        } catch (BtfException e) {
            length = before;
            throw e;
        }
        IntBuffer added = IntBuffer.wrap(Arrays.copyOfRange(words, before, length));
        Integer known = ids.putIfAbsent(added, ids.size() + 1);
        if (known != null) {
            length = before;
            return known;
        }
        return ids.size();
    }

    /** What was added so far. */
    public Btf build() {
        return Btf.ofBuilt(Arrays.copyOf(words, length), strings.toByteArray());
    }

    private void append(BtfType type) {
        switch (type) {
            case Int(var name, var size, var encoding, var bits) -> {
                header(name, BtfKind.INT, 0, size);
                word(encoding.bits() << 24 | bits);
            }
            case Pointer(var target) -> header("", BtfKind.PTR, 0, known(target));
            case Array(var element, var index, var count) -> {
                header("", BtfKind.ARRAY, 0, 0);
                words(known(element), known(index), count);
            }
            case Struct struct -> composite(BtfKind.STRUCT, struct);
            case Union union -> composite(BtfKind.UNION, union);
            case Enumeration enumeration -> enumeration(enumeration);
            case Forward(var name, var union) -> header(name, BtfKind.FWD, union ? KIND_FLAG : 0, 0);
            case Typedef(var name, var target) -> header(name, BtfKind.TYPEDEF, 0, known(target));
            case Volatile(var target) -> header("", BtfKind.VOLATILE, 0, known(target));
            case Const(var target) -> header("", BtfKind.CONST, 0, known(target));
            case Restrict(var target) -> header("", BtfKind.RESTRICT, 0, known(target));
            case Function(var name, var prototype, var linkage) ->
                header(name, BtfKind.FUNC, linkage.ordinal(), known(prototype));
            case FunctionPrototype(var result, var parameters) -> {
                header("", BtfKind.FUNC_PROTO, count(parameters), known(result));
                parameters.forEach(parameter -> words(string(parameter.name()), known(parameter.type())));
            }
            case Variable(var name, var target, var linkage) -> {
                header(name, BtfKind.VAR, 0, known(target));
                word(linkage.ordinal());
            }
            case DataSection(var name, var size, var variables) -> {
                header(name, BtfKind.DATASEC, count(variables), size);
                variables.forEach(place -> words(known(place.variable()), place.offset(), place.size()));
            }
            case BtfType.Float(var name, var size) -> header(name, BtfKind.FLOAT, 0, size);
            case DeclarationTag(var name, var target, var component) -> {
                header(name, BtfKind.DECL_TAG, 0, known(target));
                word(component);
            }
            case TypeTag(var name, var target) -> header(name, BtfKind.TYPE_TAG, 0, known(target));
        }
    }

    /** With a bit field among the members, all their offsets carry a size in the upper byte. */
    private void composite(BtfKind kind, Composite composite) {
        boolean hasBitFields = composite.members().stream().anyMatch(member -> member.bitSize() != 0);
        int flag = hasBitFields ? KIND_FLAG : 0;
        header(composite.name(), kind, flag | count(composite.members()), composite.size());
        for (Member member : composite.members()) {
            int place = hasBitFields ? member.bitSize() << 24 | member.bitOffset() : member.bitOffset();
            words(string(member.name()), known(member.type()), place);
        }
    }

    private void enumeration(Enumeration enumeration) {
        boolean wide = enumeration.size() == 8;
        int flag = enumeration.signed() ? KIND_FLAG : 0;
        BtfKind kind = wide ? BtfKind.ENUM64 : BtfKind.ENUM;
        header(enumeration.name(), kind, flag | count(enumeration.values()), enumeration.size());
        for (Enumerator value : enumeration.values()) {
            words(string(value.name()), (int) value.value());
            if (wide) {
                word((int) (value.value() >>> 32));
            }
        }
    }

    private void header(String name, BtfKind kind, int flagAndCount, int sizeOrType) {
        words(string(name), kind.number() << 24 | flagAndCount, sizeOrType);
    }

    private void words(int... values) {
        for (int value : values) {
            word(value);
        }
    }

    private void word(int value) {
        if (length == words.length) {
            words = Arrays.copyOf(words, 2 * length);
        }
        words[length++] = value;
    }

    private int known(int id) {
        if (id < 0 || id > ids.size()) {
            throw new BtfException("there is no type " + id + " yet, only 0 to " + ids.size());
        }
        return id;
    }

    private static int count(List<?> elements) {
        if (elements.size() > MAX_COUNT) {
            throw new BtfException(elements.size() + " members are more than the 65535 that a BTF type may have");
        }
        return elements.size();
    }
}
