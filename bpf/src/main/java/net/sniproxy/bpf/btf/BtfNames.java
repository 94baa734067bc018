package net.sniproxy.bpf.btf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds types by kind and name. The first few are looked for one by one, which is all that most starts need; then a table
 * is made that holds ids by the hash of their names. Names are compared byte by byte, and no string is made.
 */
final class BtfNames {
    /** A bit for each kind that is found by name. */
    private static final int LOOKED_UP =
            bits(BtfKind.STRUCT, BtfKind.UNION, BtfKind.FUNC, BtfKind.TYPEDEF, BtfKind.ENUM, BtfKind.ENUM64);

    private final int[] words;
    private final int[] offsets;
    private final byte[] strings;
    private volatile int @Nullable [] table;
    private final AtomicInteger searches = new AtomicInteger();

    BtfNames(int[] words, int[] offsets, byte[] strings) {
        this.words = words;
        this.offsets = offsets;
        this.strings = strings;
    }

    /** Searches that together cost about as much as the table. */
    private static final int SEARCHES = 4;

    private static int bits(BtfKind... kinds) {
        int bits = 0;
        for (BtfKind kind : kinds) {
            bits |= 1 << kind.number();
        }
        return bits;
    }

    /** The lowest id of this kind and name. */
    Optional<Integer> find(BtfKind kind, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        if (table == null && searches.incrementAndGet() <= SEARCHES) {
            return search(kind.number(), wanted);
        }
        int[] ids = table();
        int mask = ids.length - 1;
        for (int at = hash(kind.number(), wanted, 0, wanted.length) & mask; ids[at] != 0; at = at + 1 & mask) {
            int header = offsets[ids[at]];
            if (BtfParser.kindNumber(words[header + 1]) == kind.number() && isNamed(words[header], wanted)) {
                return Optional.of(ids[at]);
            }
        }
        return Optional.empty();
    }

    private Optional<Integer> search(int kind, byte[] wanted) {
        for (int id = 1; id < offsets.length; id++) {
            int header = offsets[id];
            if (BtfParser.kindNumber(words[header + 1]) == kind && isNamed(words[header], wanted)) {
                return Optional.of(id);
            }
        }
        return Optional.empty();
    }

    /** The offset is one that a corrupt header may hold. */
    private boolean isNamed(int offset, byte[] wanted) {
        if (offset < 0 || offset >= strings.length - wanted.length) {
            return false;
        }
        int end = offset + wanted.length;
        return strings[end] == 0 && Arrays.equals(strings, offset, end, wanted, 0, wanted.length);
    }

    /** Two threads may make it at the same time: they make the same one. */
    private int[] table() {
        int[] made = table;
        if (made == null) {
            made = makeTable();
            table = made;
        }
        return made;
    }

    private int[] makeTable() {
        int[] ids = new int[Integer.highestOneBit(Math.max(offsets.length, 8)) * 4];
        int mask = ids.length - 1;
        for (int id = 1; id < offsets.length; id++) {
            int header = offsets[id];
            int name = words[header];
            int kind = BtfParser.kindNumber(words[header + 1]);
            if ((LOOKED_UP >>> kind & 1) == 0 || name <= 0 || name >= strings.length) {
                continue;
            }
            int at = hash(kind, strings, name, strings.length) & mask;
            while (ids[at] != 0) {
                at = at + 1 & mask;
            }
            ids[at] = id;
        }
        return ids;
    }

    /** Of the bytes up to a zero byte or {@code end}. */
    private static int hash(int kind, byte[] text, int start, int end) {
        int hash = kind;
        for (int i = start; i < end && text[i] != 0; i++) {
            hash = 31 * hash + text[i];
        }
        return hash ^ hash >>> 15;
    }
}
