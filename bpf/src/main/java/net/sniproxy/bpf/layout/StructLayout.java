package net.sniproxy.bpf.layout;

import java.util.ArrayList;
import java.util.List;

/**
 * The one owner of a struct's offsets.
 *
 * @param name      name in C and BTF
 * @param fields    members in the order of their offsets
 * @param size      bytes, including the padding at the end
 * @param alignment bytes
 */
public record StructLayout(String name, List<StructField> fields, int size, int alignment) implements DataLayout {

    public StructLayout {
        fields = List.copyOf(fields);
    }

    /**
     * The layout of a record or class with {@link Struct}; computed once for each class.
     *
     * @throws IllegalArgumentException if a member cannot be part of a C struct; the message names class and member
     */
    public static StructLayout of(Class<?> type) {
        return StructReflection.layout(type);
    }

    /** Lays members out by C's rules, in the order given. */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /**
     * The member of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public StructField field(String fieldName) {
        for (StructField field : fields) {
            if (field.name().equals(fieldName)) {
                return field;
            }
        }
        throw new IllegalArgumentException("struct " + name + " has no member " + fieldName + ": "
                + fields.stream().map(StructField::name).toList());
    }

    /** Lays members out by C's rules. Not for use by several threads. */
    public static final class Builder {
        private final String name;
        private final ArrayList<StructField> fields = new ArrayList<>();
        private int end;
        private int alignment = 1;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * The next member.
         *
         * @throws IllegalArgumentException if there is a member of this name
         */
        public Builder field(String fieldName, DataLayout layout) {
            if (fields.stream().anyMatch(field -> field.name().equals(fieldName))) {
                throw new IllegalArgumentException("struct " + name + " has two members " + fieldName);
            }
            int offset = align(end, layout.alignment());
            fields.add(new StructField(fieldName, offset, layout));
            end = Math.addExact(offset, layout.size());
            alignment = Math.max(alignment, layout.alignment());
            return this;
        }

        public StructLayout build() {
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("struct " + name + " has no members");
            }
            return new StructLayout(name, fields, align(end, alignment), alignment);
        }

        private static int align(int offset, int alignment) {
            return Math.addExact(offset, alignment - 1) & -alignment;
        }
    }
}
