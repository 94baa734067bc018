package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Signature;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.MapClass;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.spec.MapFlag;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;

/** Reads map specs from the fields that stand for maps. */
final class Maps {
    private Maps() {}

    /**
     * The spec of the map behind a field; empty if the field is no map.
     *
     * @throws IllegalArgumentException if the field is annotated but cannot be a map; the message says why
     */
    static Optional<MapSpec> spec(ClassFiles classes, Layouts layouts, FieldModel field) {
        return Annotations.find(field, BpfMap.class).map(annotation -> read(classes, layouts, field, annotation));
    }

    private static MapSpec read(ClassFiles classes, Layouts layouts, FieldModel field, Annotations.View annotation) {
        String fieldName = field.fieldName().stringValue();
        String owner = internalName(field.fieldTypeSymbol().descriptorString());
        ClassModel mapClass = classes.model(owner);
        MapType type = Annotations.find(mapClass, MapClass.class)
                .flatMap(view -> view.constant("value", MapType.class))
                .orElseThrow(() -> new IllegalArgumentException(
                        "field " + fieldName + " is annotated as a map but its type is none of the map classes"));
        Set<MapFlag> flags = new TreeSet<>(annotation.constants("flags", MapFlag.class));
        MapSpec.Builder builder = MapSpec.named(annotation.string("name", fieldName), type)
                .maxEntries(annotation.integer("maxEntries", 0));
        flags.forEach(builder::flag);
        if (annotation.flag("pinned")) {
            builder.pinned();
        }
        if (type.keyed()) {
            List<String> arguments = typeArguments(field);
            builder.key(key(layouts, type, arguments)).value(value(layouts, type, arguments));
        }
        return builder.build();
    }

    private static DataLayout key(Layouts layouts, MapType type, List<String> arguments) {
        return switch (type) {
            case ARRAY, PERCPU_ARRAY -> IntegerLayout.U32;
            case SK_STORAGE -> IntegerLayout.S32;
            default -> layouts.element(arguments.getFirst());
        };
    }

    private static DataLayout value(Layouts layouts, MapType type, List<String> arguments) {
        return switch (type) {
            case SOCKHASH, SOCKMAP -> IntegerLayout.U64;
            default -> layouts.element(arguments.getLast());
        };
    }

    /** The classes in {@code <…>} of the field's generic type. */
    private static List<String> typeArguments(FieldModel field) {
        Signature signature = field.findAttribute(Attributes.signature())
                .orElseThrow(() -> new IllegalArgumentException(
                        "map " + field.fieldName().stringValue() + " needs type arguments for its key and value"))
                .asTypeSignature();
        if (!(signature instanceof Signature.ClassTypeSig type)) {
            throw new IllegalArgumentException("map " + field.fieldName().stringValue() + " has no class type");
        }
        return type.typeArgs().stream().map(Maps::argument).toList();
    }

    private static String argument(Signature.TypeArg argument) {
        if (argument instanceof Signature.TypeArg.Bounded bounded
                && bounded.boundType() instanceof Signature.ClassTypeSig type) {
            return internalName(type.classDesc().descriptorString());
        }
        throw new IllegalArgumentException("the type arguments of a map are classes, not wildcards");
    }

    static String internalName(String descriptor) {
        return descriptor.startsWith("L") ? descriptor.substring(1, descriptor.length() - 1) : descriptor;
    }
}
