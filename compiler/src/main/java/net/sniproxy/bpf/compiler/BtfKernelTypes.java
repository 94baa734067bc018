package net.sniproxy.bpf.compiler;

import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfException;
import net.sniproxy.bpf.btf.BtfField;
import net.sniproxy.bpf.btf.BtfType;

/** Looks members up in BTF. */
record BtfKernelTypes(Supplier<Btf> types) implements KernelTypes {
    private static final int LARGEST_LOAD = 8;

    @Override
    public Optional<Member> member(String struct, String path) {
        Btf btf = types.get();
        BtfField field;
        try {
            field = btf.field(struct, path);
        } catch (BtfException _) {
            return Optional.empty();
        }
        long size = btf.sizeOf(field.type());
        if (field.isBitField() || size > LARGEST_LOAD || Long.bitCount(size) != 1) {
            return Optional.empty();
        }
        return Optional.of(new Member(field.offset(), (int) size, signed(btf, field)));
    }

    private static boolean signed(Btf btf, BtfField field) {
        return switch (btf.type(btf.resolve(field.type()))) {
            case BtfType.Int number -> number.encoding() == BtfType.Encoding.SIGNED;
            case BtfType.Enumeration enumeration -> enumeration.signed();
            default -> false;
        };
    }
}
