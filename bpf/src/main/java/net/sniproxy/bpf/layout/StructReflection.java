package net.sniproxy.bpf.layout;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/** Reads {@link StructLayout}s off classes. */
final class StructReflection {
    private static final ClassValue<StructLayout> LAYOUTS = new ClassValue<>() {
        @Override
        protected StructLayout computeValue(Class<?> type) {
            return read(type);
        }
    };

    /** What records' components and classes' fields have in common. */
    record Member(String name, Class<?> type, AnnotatedElement annotations, boolean fixed) {}

    private StructReflection() {}

    static StructLayout layout(Class<?> type) {
        return LAYOUTS.get(type);
    }

    static List<Member> members(Class<?> type) {
        List<Member> members = new ArrayList<>();
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                members.add(new Member(component.getName(), component.getType(), component, true));
            }
            return members;
        }
        // The JVM gives fields in the order of the class file, which is that of the source.
        for (Field field : type.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            if (!Modifier.isStatic(modifiers) && !Modifier.isTransient(modifiers) && !field.isSynthetic()) {
                members.add(new Member(field.getName(), field.getType(), field, Modifier.isFinal(modifiers)));
            }
        }
        return members;
    }

    private static StructLayout read(Class<?> type) {
        Struct annotation = type.getAnnotation(Struct.class);
        if (annotation == null) {
            throw new IllegalArgumentException(type.getName() + " is no struct: annotate it with @Struct");
        }
        if (!type.isRecord() && type.getSuperclass() != Object.class) {
            throw new IllegalArgumentException("struct " + type.getName() + " extends "
                    + type.getSuperclass().getName() + ": a struct is a record or extends nothing");
        }
        String name = annotation.value().isEmpty() ? snakeCase(type.getSimpleName()) : annotation.value();
        StructLayout.Builder layout = StructLayout.named(name);
        for (Member member : members(type)) {
            try {
                layout.field(member.name(), layout(member));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(type.getName() + "." + member.name() + ": " + e.getMessage(), e);
            }
        }
        return layout.build();
    }

    private static DataLayout layout(Member member) {
        Class<?> type = member.type();
        Length length = member.annotations().getAnnotation(Length.class);
        if (type.isArray() && length == null) {
            throw new IllegalArgumentException("an array needs @Length");
        }
        if (!type.isArray() && length != null) {
            throw new IllegalArgumentException("@Length is for arrays");
        }
        if (length != null) {
            return new ArrayLayout(element(type.componentType(), member), length.value());
        }
        return element(type, member);
    }

    private static DataLayout element(Class<?> type, Member member) {
        boolean unsigned = member.annotations().isAnnotationPresent(Unsigned.class);
        boolean bigEndian = member.annotations().isAnnotationPresent(BigEndian.class);
        if (type.isPrimitive()) {
            IntegerLayout integer = integer(type, unsigned);
            return bigEndian ? integer.inBigEndian() : integer;
        }
        if (unsigned || bigEndian) {
            throw new IllegalArgumentException("@Unsigned and @BigEndian are for integers, not " + type.getName());
        }
        if (!member.fixed()) {
            throw new IllegalArgumentException("an embedded struct or array of structs must be final");
        }
        return StructLayout.of(type);
    }

    private static IntegerLayout integer(Class<?> type, boolean unsigned) {
        return switch (type.getName()) {
            case "boolean" -> IntegerLayout.BOOL;
            case "byte" -> unsigned ? IntegerLayout.U8 : IntegerLayout.S8;
            case "char" -> IntegerLayout.U16;
            case "short" -> unsigned ? IntegerLayout.U16 : IntegerLayout.S16;
            case "int" -> unsigned ? IntegerLayout.U32 : IntegerLayout.S32;
            case "long" -> unsigned ? IntegerLayout.U64 : IntegerLayout.S64;
            default -> throw new IllegalArgumentException("kernel programs know no " + type.getName());
        };
    }

    static String snakeCase(String name) {
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char letter = name.charAt(i);
            if (i > 0 && isCapital(letter) && !isCapital(name.charAt(i - 1)) && name.charAt(i - 1) != '_') {
                snake.append('_');
            }
            snake.append(Character.toLowerCase(letter));
        }
        return snake.toString();
    }

    private static boolean isCapital(char letter) {
        return letter >= 'A' && letter <= 'Z';
    }
}
