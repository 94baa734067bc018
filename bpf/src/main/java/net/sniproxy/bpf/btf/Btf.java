package net.sniproxy.bpf.btf;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The types of a kernel or of an object, as read from their binary form. Immutable and safe from many threads.
 *
 * <p>Types are decoded when they are asked for: opening the ten thousands of types of a kernel only finds where each one
 * starts. Everything in the type section is made of 32-bit words, so that byte order matters only when reading and
 * writing the whole.
 */
public final class Btf {
    static final int MAGIC = 0xeb9f;
    static final int HEADER_BYTES = 24;

    private static final int PAGE = 4096;

    /** No chain of typedefs and the like is longer, unless it is a circle. */
    private static final int MAX_DEPTH = 64;

    private final int[] words;
    private final byte[] strings;
    private final int[] offsets;
    private final BtfNames names;

    private Btf(int[] words, byte[] strings) {
        this.words = words;
        this.strings = strings;
        this.offsets = BtfParser.index(words);
        this.names = new BtfNames(words, offsets, strings);
    }

    static Btf ofBuilt(int[] words, byte[] strings) {
        return new Btf(words, strings);
    }

    /**
     * Reads BTF of either byte order.
     *
     * @throws BtfException if it is malformed; what a type refers to is checked when the type is asked for
     */
    public static Btf parse(byte[] bytes) {
        BtfParser.Sections sections = BtfParser.sections(bytes);
        return new Btf(sections.words(), sections.strings());
    }

    /**
     * Reads BTF from a file: that of the running kernel is {@code /sys/kernel/btf/vmlinux}.
     *
     * @throws IOException  if the file cannot be read; a kernel without it was built without CONFIG_DEBUG_INFO_BTF
     * @throws BtfException if it is malformed
     */
    public static Btf read(Path file) throws IOException {
        return parse(bytes(file));
    }

    /** The kernel gives a page of its types at a time, whatever is asked for: for more, Java gets a large buffer each time. */
    private static byte[] bytes(Path file) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(Files.size(file))];
        try (InputStream in = new FileInputStream(file.toFile())) {
            int length = 0;
            while (length < bytes.length) {
                int more = in.read(bytes, length, Math.min(PAGE, bytes.length - length));
                if (more < 0) {
                    throw new EOFException(file + " ends after " + length + " of " + bytes.length + " bytes");
                }
                length += more;
            }
        }
        return bytes;
    }

    /** The bytes in a byte order: always the same bytes for the same types. */
    public byte[] encode(ByteOrder order) {
        int typeBytes = 4 * words.length;
        ByteBuffer buffer =
                ByteBuffer.allocate(HEADER_BYTES + typeBytes + strings.length).order(order);
        buffer.putShort((short) MAGIC).put((byte) 1).put((byte) 0).putInt(HEADER_BYTES);
        buffer.putInt(0).putInt(typeBytes).putInt(typeBytes).putInt(strings.length);
        buffer.asIntBuffer().put(words);
        buffer.position(HEADER_BYTES + typeBytes).put(strings);
        return buffer.array();
    }

    /** The highest id; ids start at 1. */
    public int lastId() {
        return offsets.length - 1;
    }

    /**
     * The type of this id.
     *
     * @throws BtfException if there is none (0, {@code void}, has no record), or it is malformed
     */
    public BtfType type(int id) {
        if (id < 1 || id > lastId()) {
            throw new BtfException("there is no type " + id + ", only 1 to " + lastId());
        }
        return new BtfDecoder(words, strings).type(id, offsets[id]);
    }

    /**
     * The string at an offset of the string section.
     *
     * @throws BtfException if the offset is outside
     */
    public String string(int offset) {
        return BtfDecoder.string(strings, offset);
    }

    /**
     * The id behind typedefs, {@code const}, {@code volatile}, {@code restrict} and type tags; may be 0, {@code void}.
     *
     * @throws BtfException if it leads nowhere or in a circle
     */
    public int resolve(int id) {
        int resolved = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            if (resolved == BtfBuilder.VOID || !(type(resolved) instanceof BtfType.Modifier modifier)) {
                return resolved;
            }
            resolved = modifier.type();
        }
        throw new BtfException("type " + id + " refers to itself");
    }

    /**
     * Bytes of a type.
     *
     * @throws BtfException if it has no size: {@code void}, functions, structs known only by name
     */
    public long sizeOf(int id) {
        return sizeOf(id, 0);
    }

    private long sizeOf(int id, int depth) {
        int resolved = resolve(id);
        if (resolved == BtfBuilder.VOID || depth > MAX_DEPTH) {
            throw new BtfException(depth == 0 ? "void has no size" : "type " + id + " contains itself or void");
        }
        return switch (type(resolved)) {
            case BtfType.Int integer -> integer.size();
            case BtfType.Pointer _ -> 8;
            case BtfType.Array array -> arraySize(array, sizeOf(array.element(), depth + 1));
            case BtfType.Composite composite -> Integer.toUnsignedLong(composite.size());
            case BtfType.Enumeration enumeration -> enumeration.size();
            case BtfType.Float number -> number.size();
            case BtfType.DataSection section -> section.size();
            case BtfType other -> throw new BtfException("type " + resolved + " has no size: " + other);
        };
    }

    private static long arraySize(BtfType.Array array, long elementSize) {
        try {
            return Math.multiplyExact(elementSize, Integer.toUnsignedLong(array.length()));
        } catch (ArithmeticException e) {
            throw new BtfException("no memory holds " + array + " with elements of " + elementSize + " bytes");
        }
    }

    /** Id of the struct of this name. */
    public Optional<Integer> structId(String name) {
        return names.find(BtfKind.STRUCT, name);
    }

    /** Id of the union of this name. */
    public Optional<Integer> unionId(String name) {
        return names.find(BtfKind.UNION, name);
    }

    /** Id of the function of this name: a kernel function, or one that fentry can attach to. */
    public Optional<Integer> functionId(String name) {
        return names.find(BtfKind.FUNC, name);
    }

    /** Id of the typedef of this name. */
    public Optional<Integer> typedefId(String name) {
        return names.find(BtfKind.TYPEDEF, name);
    }

    /** Id that a {@code tp_btf} program of this tracepoint is attached to. */
    public Optional<Integer> tracepointId(String name) {
        return typedefId("btf_trace_" + name);
    }

    /**
     * Where a member of a struct is. Members of structs and unions without a name count as members of what contains them;
     * {@code path} may go on into named ones with dots, as in {@code "__sk_common.skc_dport"}.
     *
     * @throws BtfException if there is no such struct or member
     */
    public BtfField field(String struct, String path) {
        int id = structId(struct)
                .orElseThrow(() -> new BtfException("this BTF has no struct " + struct
                        + ": another kernel version or configuration than the program was written for"));
        return field(id, path);
    }

    /**
     * Where a member of the struct or union of this id is.
     *
     * @throws BtfException if there is no such member
     */
    public BtfField field(int id, String path) {
        BtfField field = new BtfField(0, 0, id);
        for (String name : path.split("\\.", -1)) {
            BtfField outer = field;
            BtfField inner = member(outer.type(), name, new HashSet<>(), 0)
                    .orElseThrow(() -> new BtfException(describe(outer.type()) + " has no member " + name));
            field = shifted(inner, outer.bitOffset());
        }
        return field;
    }

    private Optional<BtfField> member(int id, String name, Set<Integer> visited, int depth) {
        int resolved = resolve(id);
        if (resolved == BtfBuilder.VOID
                || depth > MAX_DEPTH
                || !visited.add(resolved)
                || !(type(resolved) instanceof BtfType.Composite composite)) {
            return Optional.empty();
        }
        for (BtfType.Member member : composite.members()) {
            if (member.name().equals(name)) {
                return Optional.of(new BtfField(member.bitOffset(), member.bitSize(), member.type()));
            }
            if (member.name().isEmpty()) {
                Optional<BtfField> inner = member(member.type(), name, visited, depth + 1);
                if (inner.isPresent()) {
                    return Optional.of(shifted(inner.get(), member.bitOffset()));
                }
            }
        }
        return Optional.empty();
    }

    private static BtfField shifted(BtfField field, int bits) {
        long offset = Integer.toUnsignedLong(field.bitOffset()) + Integer.toUnsignedLong(bits);
        if (offset > Integer.MAX_VALUE) {
            throw new BtfException("a member at bit " + offset + " is too far from the start of its struct");
        }
        return new BtfField((int) offset, field.bitSize(), field.type());
    }

    private String describe(int id) {
        int resolved = resolve(id);
        if (resolved == BtfBuilder.VOID) {
            return "void";
        }
        BtfType type = type(resolved);
        String kind = switch (type) {
            case BtfType.Struct _ -> "struct ";
            case BtfType.Union _ -> "union ";
            default -> "type ";
        };
        return kind + (type instanceof BtfType.Named named ? named.name() : Integer.toString(resolved));
    }
}
