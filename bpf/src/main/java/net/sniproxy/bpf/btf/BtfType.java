package net.sniproxy.bpf.btf;

import java.util.List;

/**
 * A type of BTF. Other types are named by their id in the same {@link Btf}; id 0 is {@code void}. Names may be empty
 * where C allows types without a name.
 */
public sealed interface BtfType {
    /** What the bits of an {@link Int} mean. */
    enum Encoding {
        UNSIGNED(0),
        SIGNED(1),
        CHAR(2),
        BOOL(4);

        private final int bits;

        Encoding(int bits) {
            this.bits = bits;
        }

        int bits() {
            return bits;
        }
    }

    /** Who sees a {@link Function} or {@link Variable}. */
    enum Linkage {
        STATIC,
        GLOBAL,
        EXTERN
    }

    /** A type that has a name of its own. */
    sealed interface Named extends BtfType {
        String name();
    }

    /** A type that only adds a word to another one: resolving skips it. */
    sealed interface Modifier extends BtfType {
        int type();
    }

    /** A struct or a union. */
    sealed interface Composite extends Named {
        int size();

        List<Member> members();
    }

    /**
     * A member of a struct or union.
     *
     * @param name      empty for a struct or union whose members count as members of this one
     * @param bitOffset bits from the start
     * @param bitSize   bits of a bit field; 0 for any other member
     */
    record Member(String name, int type, int bitOffset, int bitSize) {}

    /** A value of an enumeration. */
    record Enumerator(String name, long value) {}

    /** A parameter of a function; a last one with neither name nor type means {@code ...}. */
    record Parameter(String name, int type) {}

    /** A variable's place in a section. */
    record SectionVariable(int variable, int offset, int size) {}

    /** {@code bits} may be fewer than the bytes hold. */
    record Int(String name, int size, Encoding encoding, int bits) implements Named {
        /** An integer that uses all its bits. */
        public Int(String name, int size, Encoding encoding) {
            this(name, size, encoding, 8 * size);
        }
    }

    record Pointer(int target) implements BtfType {}

    record Array(int element, int index, int length) implements BtfType {}

    record Struct(String name, int size, List<Member> members) implements Composite {
        public Struct {
            members = List.copyOf(members);
        }
    }

    record Union(String name, int size, List<Member> members) implements Composite {
        public Union {
            members = List.copyOf(members);
        }
    }

    /** {@code size} is 1, 2, 4 or 8 bytes; values of 8 bytes since Linux 6.0. */
    record Enumeration(String name, int size, boolean signed, List<Enumerator> values) implements Named {
        public Enumeration {
            values = List.copyOf(values);
        }
    }

    /** A struct or union of which only the name is known. */
    record Forward(String name, boolean union) implements Named {}

    record Typedef(String name, int type) implements Named, Modifier {}

    record Volatile(int type) implements Modifier {}

    record Const(int type) implements Modifier {}

    record Restrict(int type) implements Modifier {}

    /** A function; its type is a {@link FunctionPrototype}. */
    record Function(String name, int prototype, Linkage linkage) implements Named {}

    record FunctionPrototype(int result, List<Parameter> parameters) implements BtfType {
        public FunctionPrototype {
            parameters = List.copyOf(parameters);
        }
    }

    record Variable(String name, int type, Linkage linkage) implements Named {}

    record DataSection(String name, int size, List<SectionVariable> variables) implements Named {
        public DataSection {
            variables = List.copyOf(variables);
        }
    }

    record Float(String name, int size) implements Named {}

    /** A note on a type, or on one of its members or parameters; {@code component} is -1 for the whole. */
    record DeclarationTag(String name, int type, int component) implements Named {}

    /** A note on the target of a pointer, such as {@code user} or {@code percpu}. */
    record TypeTag(String name, int type) implements Named, Modifier {}
}
