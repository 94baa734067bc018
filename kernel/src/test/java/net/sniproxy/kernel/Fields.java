package net.sniproxy.kernel;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Shows struct objects, which have no {@code toString}, so that tests can compare them and say what differs. */
final class Fields {
    private Fields() {}

    /** Every field with its value, also those of the structs within. */
    static String text(Object struct) {
        return Arrays.stream(struct.getClass().getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .map(field -> field.getName() + "=" + value(field, struct))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static Object value(Field field, Object struct) {
        try {
            field.setAccessible(true);
            Object value = field.get(struct);
            return field.getType().isPrimitive() ? value : text(value);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
