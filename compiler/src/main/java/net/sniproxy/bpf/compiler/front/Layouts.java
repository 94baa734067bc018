package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.compiler.lang.Cell;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.StructField;
import net.sniproxy.bpf.layout.StructLayout;

/** Where the fields of objects lie: C structs as their layout says, other objects with eight bytes a field. */
final class Layouts {
    private final ClassFiles classes;
    private final Map<String, Optional<StructLayout>> structs = new HashMap<>();
    private final Map<String, Map<String, Integer>> plain = new HashMap<>();

    Layouts(ClassFiles classes) {
        this.classes = classes;
    }

    /** The layout of a class with {@link Struct}; empty for other classes. */
    Optional<StructLayout> struct(String internalName) {
        return structs.computeIfAbsent(
                internalName,
                name -> Annotations.find(classes.model(name), Struct.class)
                        .map(_ -> StructLayout.of(classes.loaded(name))));
    }

    /** The member of a C struct; empty for other classes. */
    Optional<StructField> member(String internalName, String field) {
        return struct(internalName).map(layout -> layout.field(field));
    }

    /** The offset of a field of a class that is no C struct. */
    int plainOffset(String internalName, String field) {
        Integer offset = plainFields(internalName).get(field);
        if (offset == null) {
            throw new IllegalArgumentException("class " + internalName + " has no field " + field);
        }
        return offset;
    }

    /** Bytes of an object on the stack. */
    int size(String internalName) {
        return struct(internalName)
                .map(StructLayout::size)
                .orElseGet(() -> plainFields(internalName).size() * 8);
    }

    private Map<String, Integer> plainFields(String internalName) {
        Map<String, Integer> known = plain.get(internalName);
        if (known != null) {
            return known;
        }
        Map<String, Integer> offsets = new HashMap<>();
        ClassModel model = classes.model(internalName);
        model.superclass()
                .map(parent -> parent.asInternalName())
                .filter(parent -> !parent.startsWith("java/"))
                .ifPresent(parent -> offsets.putAll(plainFields(parent)));
        for (FieldModel field : model.fields()) {
            AccessFlags flags = field.flags();
            if (!flags.has(AccessFlag.STATIC)) {
                offsets.put(field.fieldName().stringValue(), offsets.size() * 8);
            }
        }
        plain.put(internalName, offsets);
        return offsets;
    }

    /** The layout of a map's key or value of this class: a number, a cell or a struct. */
    DataLayout element(String internalName) {
        return switch (internalName) {
            case "java/lang/Integer" -> IntegerLayout.U32;
            case "java/lang/Long" -> IntegerLayout.U64;
            case "java/lang/Short", "java/lang/Character" -> IntegerLayout.U16;
            case "java/lang/Byte" -> IntegerLayout.U8;
            default ->
                Annotations.find(classes.model(internalName), Cell.class)
                        .map(cell -> cell(cell.integer("size", 8)))
                        .orElseGet(() -> StructLayout.of(classes.loaded(internalName)));
        };
    }

    private static DataLayout cell(int size) {
        return switch (size) {
            case 1 -> IntegerLayout.U8;
            case 2 -> IntegerLayout.U16;
            case 4 -> IntegerLayout.U32;
            default -> IntegerLayout.U64;
        };
    }
}
