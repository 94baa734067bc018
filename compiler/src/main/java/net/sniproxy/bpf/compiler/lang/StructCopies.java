package net.sniproxy.bpf.compiler.lang;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/** Copies of struct objects, as the kernel's copies of their bytes. */
final class StructCopies {
    private StructCopies() {}

    /** A deep copy; records, boxed numbers and strings are immutable and copied by reference. */
    @SuppressWarnings("unchecked")
    static <T> T copy(T source) {
        Class<?> type = source.getClass();
        if (type.isRecord() || type.getName().startsWith("java.lang.")) {
            return source;
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            T target = (T) constructor.newInstance();
            copyFields(source, target);
            return target;
        } catch (ReflectiveOperationException e) {
            throw new KernelRuleViolation("a struct class needs a constructor without parameters: " + type.getName());
        }
    }

    private static void copyFields(Object source, Object target) throws ReflectiveOperationException {
        for (Field field : source.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) {
                continue;
            }
            field.setAccessible(true);
            Object value = field.get(source);
            if (field.getType().isPrimitive()) {
                field.set(target, value);
            } else if (field.getType().isArray()) {
                System.arraycopy(value, 0, field.get(target), 0, Array.getLength(value));
            } else {
                copyFields(value, field.get(target));
            }
        }
    }
}
