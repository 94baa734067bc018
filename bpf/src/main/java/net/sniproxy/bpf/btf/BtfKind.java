package net.sniproxy.bpf.btf;

import java.util.Optional;

/** Kinds of BTF types, in the order of their numbers (include/uapi/linux/btf.h). */
enum BtfKind {
    /** Type 0, which is not written. */
    VOID,
    INT,
    PTR,
    ARRAY,
    STRUCT,
    UNION,
    ENUM,
    FWD,
    TYPEDEF,
    VOLATILE,
    CONST,
    RESTRICT,
    FUNC,
    FUNC_PROTO,
    VAR,
    DATASEC,
    FLOAT,
    DECL_TAG,
    TYPE_TAG,
    ENUM64;

    private static final BtfKind[] ALL = values();

    /** Words of {@code struct btf_type}: name, info, and size or type. */
    static final int HEADER_WORDS = 3;

    static Optional<BtfKind> of(int number) {
        return number > 0 && number < ALL.length ? Optional.of(ALL[number]) : Optional.empty();
    }

    int number() {
        return ordinal();
    }

    /** How many 32-bit words follow the header of a type with so many members, parameters or the like. */
    int extraWords(int count) {
        return switch (this) {
            case INT, VAR, DECL_TAG -> 1;
            case ARRAY -> 3;
            case STRUCT, UNION, DATASEC, ENUM64 -> 3 * count;
            case ENUM, FUNC_PROTO -> 2 * count;
            case VOID, PTR, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FLOAT, TYPE_TAG -> 0;
        };
    }
}
