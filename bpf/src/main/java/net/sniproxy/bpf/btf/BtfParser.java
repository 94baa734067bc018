package net.sniproxy.bpf.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Takes the binary form of BTF apart and checks that nothing reaches outside of it. */
final class BtfParser {
    private static final int KIND_MASK = 0x1f;
    private static final int COUNT_MASK = 0xffff;

    /** The two parts behind the header. */
    record Sections(int[] words, byte[] strings) {}

    private BtfParser() {}

    static Sections sections(byte[] bytes) {
        if (bytes.length < Btf.HEADER_BYTES) {
            throw new BtfException("BTF starts with a header of 24 bytes, but there are only " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(byteOrder(bytes));
        int version = buffer.get(2);
        if (version != 1) {
            throw new BtfException("BTF of version " + version + ", not 1");
        }
        long header = Integer.toUnsignedLong(buffer.getInt(4));
        if (header < Btf.HEADER_BYTES || header > bytes.length) {
            throw new BtfException("the header of BTF has 24 bytes or more, not " + header);
        }
        ByteBuffer types = section(buffer, "type", header, 8);
        ByteBuffer strings = section(buffer, "string", header, 16);
        if (types.remaining() % 4 != 0) {
            throw new BtfException("the type section has " + types.remaining() + " bytes: not a multiple of 4");
        }
        int[] words = new int[types.remaining() / 4];
        types.asIntBuffer().get(words);
        byte[] text = new byte[strings.remaining()];
        strings.get(text);
        if (text.length == 0 || text[0] != 0 || text[text.length - 1] != 0) {
            throw new BtfException("the string section must start with an empty string and end with a zero byte");
        }
        return new Sections(words, text);
    }

    private static ByteOrder byteOrder(byte[] bytes) {
        int magic = Byte.toUnsignedInt(bytes[0]) | Byte.toUnsignedInt(bytes[1]) << 8;
        if (magic == Btf.MAGIC) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        if (magic == (Short.toUnsignedInt(Short.reverseBytes((short) Btf.MAGIC)))) {
            return ByteOrder.BIG_ENDIAN;
        }
        throw new BtfException("not BTF: it starts with 0x%02x%02x".formatted(bytes[0], bytes[1]));
    }

    private static ByteBuffer section(ByteBuffer buffer, String name, long header, int at) {
        long offset = header + Integer.toUnsignedLong(buffer.getInt(at));
        long length = Integer.toUnsignedLong(buffer.getInt(at + 4));
        if (offset + length > buffer.capacity()) {
            throw new BtfException("the " + name + " section ends at byte " + (offset + length) + " of "
                    + buffer.capacity() + ": truncated?");
        }
        return buffer.slice((int) offset, (int) length).order(buffer.order());
    }

    /** The word at which each type starts, by id; element 0 is unused. */
    static int[] index(int[] words) {
        int[] offsets = new int[words.length / BtfKind.HEADER_WORDS + 1];
        int[] fixedWords = extraWords(0);
        int[] wordsPerMember = extraWordsPerMember(fixedWords);
        int id = 0;
        int at = 0;
        // A kernel has more than a hundred thousand types, and this loop is all that a start waits for: it calls
        // nothing.
        while (words.length - at >= BtfKind.HEADER_WORDS) {
            int info = words[at + 1];
            int kind = info >>> 24 & KIND_MASK;
            if (fixedWords[kind] < 0) {
                throw new BtfException("type " + (id + 1) + " is of the unknown kind " + kind);
            }
            offsets[++id] = at;
            at += BtfKind.HEADER_WORDS + fixedWords[kind] + wordsPerMember[kind] * (info & COUNT_MASK);
        }
        if (at != words.length) {
            throw new BtfException("type " + id + " or what follows it is cut off by the end of the type section");
        }
        return Arrays.copyOf(offsets, id + 1);
    }

    /** Words after the header of a type with so many members, by kind; -1 for kinds that are not known. */
    private static int[] extraWords(int members) {
        int[] words = new int[KIND_MASK + 1];
        for (int kind = 0; kind < words.length; kind++) {
            words[kind] =
                    BtfKind.of(kind).map(known -> known.extraWords(members)).orElse(-1);
        }
        return words;
    }

    private static int[] extraWordsPerMember(int[] withoutMembers) {
        int[] words = extraWords(1);
        for (int kind = 0; kind < words.length; kind++) {
            words[kind] -= withoutMembers[kind];
        }
        return words;
    }

    static int kindNumber(int info) {
        return info >>> 24 & KIND_MASK;
    }

    static int count(int info) {
        return info & COUNT_MASK;
    }
}
