package net.sniproxy.bpf.btf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.btf.BtfType.*;

/** Makes records of the words of a type. */
final class BtfDecoder {
    private final int[] words;
    private final byte[] strings;

    BtfDecoder(int[] words, byte[] strings) {
        this.words = words;
        this.strings = strings;
    }

    /** The type whose header is at a word; that its words are all there was checked before. */
    BtfType type(int id, int at) {
        String name = string(strings, words[at]);
        int info = words[at + 1];
        int sizeOrType = words[at + 2];
        boolean flag = info < 0;
        int extra = at + BtfKind.HEADER_WORDS;
        BtfKind kind = BtfKind.of(BtfParser.kindNumber(info)).orElseThrow();
        return switch (kind) {
            case VOID -> throw new BtfException("type " + id + " is void");
            case INT -> integer(id, name, sizeOrType, words[extra]);
            case PTR -> new Pointer(sizeOrType);
            case ARRAY -> new Array(words[extra], words[extra + 1], words[extra + 2]);
            case STRUCT -> new Struct(name, sizeOrType, members(extra, info));
            case UNION -> new Union(name, sizeOrType, members(extra, info));
            case ENUM -> new Enumeration(name, sizeOrType, flag, enumerators(extra, info, false));
            case ENUM64 -> new Enumeration(name, sizeOrType, flag, enumerators(extra, info, true));
            case FWD -> new Forward(name, flag);
            case TYPEDEF -> new Typedef(name, sizeOrType);
            case VOLATILE -> new Volatile(sizeOrType);
            case CONST -> new Const(sizeOrType);
            case RESTRICT -> new Restrict(sizeOrType);
            case FUNC -> new Function(name, sizeOrType, linkage(id, BtfParser.count(info)));
            case FUNC_PROTO -> new FunctionPrototype(sizeOrType, parameters(extra, info));
            case VAR -> new Variable(name, sizeOrType, linkage(id, words[extra]));
            case DATASEC -> new DataSection(name, sizeOrType, variables(extra, info));
            case FLOAT -> new BtfType.Float(name, sizeOrType);
            case DECL_TAG -> new DeclarationTag(name, sizeOrType, words[extra]);
            case TYPE_TAG -> new TypeTag(name, sizeOrType);
        };
    }

    private static Int integer(int id, String name, int size, int data) {
        int code = data >>> 24 & 0xf;
        for (Encoding encoding : Encoding.values()) {
            if (encoding.bits() == code) {
                return new Int(name, size, encoding, data & 0xff);
            }
        }
        throw new BtfException("integer type " + id + " has the unknown encoding " + code);
    }

    private List<Member> members(int at, int info) {
        boolean hasBitFields = info < 0;
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < BtfParser.count(info); i++) {
            int word = at + 3 * i;
            int place = words[word + 2];
            int bitOffset = hasBitFields ? place & 0xffffff : place;
            int bitSize = hasBitFields ? place >>> 24 : 0;
            members.add(new Member(string(strings, words[word]), words[word + 1], bitOffset, bitSize));
        }
        return members;
    }

    private List<Enumerator> enumerators(int at, int info, boolean wide) {
        List<Enumerator> values = new ArrayList<>();
        boolean signed = info < 0;
        for (int i = 0; i < BtfParser.count(info); i++) {
            int word = at + (wide ? 3 : 2) * i;
            int low = words[word + 1];
            long value;
            if (wide) {
                value = (long) words[word + 2] << 32 | Integer.toUnsignedLong(low);
            } else {
                value = signed ? low : Integer.toUnsignedLong(low);
            }
            values.add(new Enumerator(string(strings, words[word]), value));
        }
        return values;
    }

    private List<Parameter> parameters(int at, int info) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < BtfParser.count(info); i++) {
            int word = at + 2 * i;
            parameters.add(new Parameter(string(strings, words[word]), words[word + 1]));
        }
        return parameters;
    }

    private List<SectionVariable> variables(int at, int info) {
        List<SectionVariable> variables = new ArrayList<>();
        for (int i = 0; i < BtfParser.count(info); i++) {
            int word = at + 3 * i;
            variables.add(new SectionVariable(words[word], words[word + 1], words[word + 2]));
        }
        return variables;
    }

    private static Linkage linkage(int id, int number) {
        Linkage[] all = Linkage.values();
        if (number < 0 || number >= all.length) {
            throw new BtfException("type " + id + " has the unknown linkage " + number);
        }
        return all[number];
    }

    static String string(byte[] strings, int offset) {
        if (offset < 0 || offset >= strings.length) {
            throw new BtfException(
                    "there is no string at " + Integer.toUnsignedString(offset) + " of " + strings.length);
        }
        int end = offset;
        while (strings[end] != 0) {
            end++;
        }
        return new String(strings, offset, end - offset, StandardCharsets.UTF_8);
    }
}
