package net.sniproxy.bpf.btf;

import java.util.List;
import net.sniproxy.bpf.btf.BtfType.Encoding;
import net.sniproxy.bpf.btf.BtfType.Member;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.OpaqueLayout;
import net.sniproxy.bpf.layout.PointerLayout;
import net.sniproxy.bpf.layout.StructLayout;

/** Describes {@link DataLayout}s in BTF. */
public final class LayoutTypes {
    private static final BtfType.Int ARRAY_INDEX = new BtfType.Int("__ARRAY_SIZE_TYPE__", 4, Encoding.UNSIGNED);

    private LayoutTypes() {}

    /** Adds a layout and all that it is made of; gives its id. */
    public static int add(BtfBuilder builder, DataLayout layout) {
        return switch (layout) {
            case IntegerLayout integer -> integer(builder, integer);
            case ArrayLayout(DataLayout element, int length) ->
                builder.add(new BtfType.Array(add(builder, element), builder.add(ARRAY_INDEX), length));
            case PointerLayout pointer ->
                builder.add(new BtfType.Pointer(
                        pointer.target().map(target -> add(builder, target)).orElse(BtfBuilder.VOID)));
            // A struct without members: a forward declaration is not what the verifier takes for a context.
            case OpaqueLayout(String name) -> builder.add(new BtfType.Struct(name, 0, List.of()));
            case StructLayout struct -> builder.add(struct(builder, struct));
        };
    }

    /** A typedef of a type that C has by itself, so that what {@code bpftool btf dump} writes is whole. */
    private static int integer(BtfBuilder builder, IntegerLayout integer) {
        BtfType.Int inC = new BtfType.Int(nameInC(integer), integer.size(), encoding(integer));
        return builder.add(new BtfType.Typedef(integer.name(), builder.add(inC)));
    }

    private static String nameInC(IntegerLayout integer) {
        String name = switch (integer.size()) {
            case 1 -> "char";
            case 2 -> "short";
            case 4 -> "int";
            default -> "long long";
        };
        return switch (integer.kind()) {
            case BOOLEAN -> "_Bool";
            case UNSIGNED -> "unsigned " + name;
            case SIGNED -> integer.size() == 1 ? "signed " + name : name;
        };
    }

    private static BtfType struct(BtfBuilder builder, StructLayout struct) {
        List<Member> members = struct.fields().stream()
                .map(field -> new Member(field.nameInC(), add(builder, field.layout()), 8 * field.offset(), 0))
                .toList();
        return new BtfType.Struct(struct.name(), struct.size(), members);
    }

    private static Encoding encoding(IntegerLayout integer) {
        return switch (integer.kind()) {
            case SIGNED -> Encoding.SIGNED;
            case UNSIGNED -> Encoding.UNSIGNED;
            case BOOLEAN -> Encoding.BOOL;
        };
    }
}
