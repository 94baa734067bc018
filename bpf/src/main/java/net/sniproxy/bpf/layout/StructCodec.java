package net.sniproxy.bpf.layout;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;

/**
 * Codec of a record or class by reflection.
 *
 * @param <T> the record or class
 */
final class StructCodec<T> implements Codec<T> {
    private static final ClassValue<StructCodec<?>> CODECS = new ClassValue<>() {
        @Override
        protected StructCodec<?> computeValue(Class<?> type) {
            return new StructCodec<>(type);
        }
    };

    private final StructLayout layout;
    private final boolean isRecord;
    private final Constructor<T> constructor;
    private final List<Member> members;

    /** A field of the object and its place in memory. */
    private record Member(Field field, int offset, MemberCodec codec) {}

    private StructCodec(Class<T> type) {
        layout = StructLayout.of(type);
        isRecord = type.isRecord();
        members = members(type, layout);
        constructor = constructor(type);
    }

    @SuppressWarnings("unchecked") // the class value keeps each codec under its own class
    static <T> StructCodec<T> of(Class<T> type) {
        return (StructCodec<T>) CODECS.get(type);
    }

    private static List<Member> members(Class<?> type, StructLayout layout) {
        List<Member> members = new ArrayList<>();
        for (StructReflection.Member member : StructReflection.members(type)) {
            StructField place = layout.field(member.name());
            Field field = field(type, member.name());
            members.add(new Member(field, place.offset(), MemberCodec.of(member.type(), place.layout())));
        }
        return List.copyOf(members);
    }

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(type.getName() + "." + name + " was here a moment ago", e);
        }
    }

    private static <T> Constructor<T> constructor(Class<T> type) {
        Class<?>[] parameters = type.isRecord()
                ? StructReflection.members(type).stream()
                        .map(StructReflection.Member::type)
                        .toArray(Class<?>[]::new)
                : new Class<?>[0];
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return constructor;
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(
                    "struct " + type.getName() + " needs a constructor without parameters to be read", e);
        }
    }

    @Override
    public StructLayout layout() {
        return layout;
    }

    @Override
    public T read(MemorySegment segment, long offset) {
        if (isRecord) {
            Object[] values = new Object[members.size()];
            for (int i = 0; i < values.length; i++) {
                Member member = members.get(i);
                values[i] = member.codec().read(segment, offset + member.offset());
            }
            return create(values);
        }
        T object = create();
        readInto(segment, offset, object);
        return object;
    }

    /** Fills a mutable object and the objects embedded in it. */
    private void readInto(MemorySegment segment, long offset, T object) {
        try {
            for (Member member : members) {
                long at = offset + member.offset();
                Object present = member.field().get(object);
                switch (member.codec()) {
                    case MemberCodec.Elements elements when present != null -> elements.readInto(segment, at, present);
                    case MemberCodec.Embedded embedded
                    when !embedded.isRecord() -> embedded.readInto(segment, at, present);
                    case MemberCodec codec -> member.field().set(object, codec.read(segment, at));
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot write a member of struct " + layout.name(), e);
        }
    }

    @Override
    public void write(MemorySegment segment, long offset, T value) {
        segment.asSlice(offset, layout.size()).fill((byte) 0);
        try {
            for (Member member : members) {
                member.codec()
                        .write(segment, offset + member.offset(), member.field().get(value));
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read a member of struct " + layout.name(), e);
        }
    }

    private T create(Object... values) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    "struct " + layout.name() + " refuses what is in memory: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a struct " + layout.name(), e);
        }
    }

    /** How a member is read and written, by the kind of its Java type. */
    private sealed interface MemberCodec {
        Object read(MemorySegment segment, long offset);

        void write(MemorySegment segment, long offset, Object value);

        static MemberCodec of(Class<?> type, DataLayout layout) {
            return switch (layout) {
                case IntegerLayout integer -> new Number(type.getName(), integer);
                case ArrayLayout array ->
                    new Elements(type.componentType(), array, of(type.componentType(), array.element()));
                case StructLayout _ -> new Embedded(type);
                case PointerLayout _, OpaqueLayout _ ->
                    throw new IllegalStateException("no Java type is laid out as " + layout);
            };
        }

        record Number(String type, IntegerLayout layout) implements MemberCodec {
            @Override
            public Object read(MemorySegment segment, long offset) {
                long value = layout.get(segment, offset);
                // Not a conditional expression or a switch expression: either would turn all cases into long.
                switch (type) {
                    case "boolean":
                        return value != 0;
                    case "byte":
                        return (byte) value;
                    case "char":
                        return (char) value;
                    case "short":
                        return (short) value;
                    case "int":
                        return (int) value;
                    default:
                        return value;
                }
            }

            @Override
            public void write(MemorySegment segment, long offset, Object value) {
                long bits = switch (value) {
                    case Boolean truth -> truth ? 1 : 0;
                    case Character character -> character;
                    default -> ((java.lang.Number) value).longValue();
                };
                layout.set(segment, offset, bits);
            }
        }

        record Elements(Class<?> type, ArrayLayout layout, MemberCodec element) implements MemberCodec {
            @Override
            public Object read(MemorySegment segment, long offset) {
                Object array = Array.newInstance(type, layout.length());
                readInto(segment, offset, array);
                return array;
            }

            void readInto(MemorySegment segment, long offset, Object array) {
                requireLength(array);
                for (int i = 0; i < layout.length(); i++) {
                    Array.set(array, i, element.read(segment, at(offset, i)));
                }
            }

            @Override
            public void write(MemorySegment segment, long offset, Object array) {
                requireLength(array);
                for (int i = 0; i < layout.length(); i++) {
                    element.write(segment, at(offset, i), Array.get(array, i));
                }
            }

            private void requireLength(Object array) {
                int length = Array.getLength(array);
                if (length != layout.length()) {
                    throw new IllegalArgumentException(
                            "an array of " + length + " elements where the struct has " + layout.length());
                }
            }

            private long at(long offset, int index) {
                return offset + (long) index * layout.element().size();
            }
        }

        record Embedded(Class<?> type) implements MemberCodec {
            boolean isRecord() {
                return type.isRecord();
            }

            @Override
            public Object read(MemorySegment segment, long offset) {
                return StructCodec.of(type).read(segment, offset);
            }

            void readInto(MemorySegment segment, long offset, Object target) {
                codec().readInto(segment, offset, target);
            }

            @Override
            public void write(MemorySegment segment, long offset, Object value) {
                codec().write(segment, offset, value);
            }

            @SuppressWarnings("unchecked") // a member of this type holds nothing else
            private StructCodec<Object> codec() {
                return (StructCodec<Object>) StructCodec.of(type);
            }
        }
    }
}
