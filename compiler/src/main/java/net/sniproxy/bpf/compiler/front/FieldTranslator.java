package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Attributes;
import java.lang.classfile.FieldModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.StructField;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.spec.MapSpec;

/** Translates reads and writes of fields: members of structs, maps, constants. */
final class FieldTranslator {
    private final Translation translation;
    private final Emitter emitter;

    FieldTranslator(Translation translation) {
        this.translation = translation;
        this.emitter = translation.emitter();
    }

    void translate(FieldInstruction field, Frame frame) {
        String owner = field.owner().asInternalName();
        String name = field.name().stringValue();
        String type = field.type().stringValue();
        switch (field.opcode()) {
            case GETFIELD -> frame.push(get(frame.pop(), owner, name, type));
            case PUTFIELD -> {
                Value value = frame.pop();
                put(frame.pop(), owner, name, type, value);
            }
            case GETSTATIC -> frame.push(getStatic(owner, name, type));
            case PUTSTATIC -> {
                frame.pop();
                emitter.unsupported(Type.NONE, "assignment to static field " + name + ": keep state in a map");
            }
            default -> throw new IllegalStateException("not a field instruction: " + field.opcode());
        }
    }

    // ---- members of objects ----

    private Value get(Value object, String owner, String name, String type) {
        Optional<StructField> member = translation.layouts().member(owner, name);
        if (member.isEmpty()) {
            int offset = translation.layouts().plainOffset(owner, name);
            return emitter.load(Types.of(type), object, offset, Types.size(type), Types.signed(type));
        }
        return read(object, member.get().offset(), member.get().layout(), type);
    }

    private Value read(Value object, int offset, DataLayout layout, String type) {
        return switch (layout) {
            case IntegerLayout integer -> {
                Value raw = emitter.load(
                        Types.of(type), object, offset, integer.size(), Types.signed(type) && !swaps(integer));
                yield swaps(integer) ? swapped(raw, integer.size(), Types.signed(type)) : raw;
            }
            case ArrayLayout array -> {
                Value address = emitter.offset(object, emitter.number(offset));
                // Offset 0 is the object itself, which must not be taken for its first member's array elsewhere.
                translation.arrayLength(address, array.length());
                yield address;
            }
            default -> emitter.offset(object, emitter.number(offset));
        };
    }

    private boolean swaps(IntegerLayout integer) {
        return integer.bigEndian()
                && integer.size() > 1
                && translation.options().byteOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    private Value swapped(Value raw, int size, boolean signed) {
        Value swapped = emitter.emit(raw.type(), new Op.ByteSwap(size * 8), raw);
        return signed ? emitter.emit(Type.I32, new Op.Extend(size * 8, true), swapped) : swapped;
    }

    private void put(Value object, String owner, String name, String type, Value value) {
        Optional<StructField> member = translation.layouts().member(owner, name);
        if (member.isEmpty()) {
            int offset = translation.layouts().plainOffset(owner, name);
            emitter.store(object, offset, Types.size(type), value);
            return;
        }
        write(object, member.get().offset(), member.get().layout(), value);
    }

    private void write(Value object, int offset, DataLayout layout, Value value) {
        if (layout instanceof IntegerLayout integer) {
            Value stored = swaps(integer) ? swapped(value, integer.size(), false) : value;
            emitter.store(object, offset, integer.size(), stored);
        } else if (!justCreated(value)) {
            copy(value, 0, object, offset, layout);
        }
    }

    /** A constructor that sets {@code new Inner()} or {@code new byte[16]}: zeroes, which the new object has already. */
    private boolean justCreated(Value value) {
        List<Value> before = emitter.block().instructions();
        boolean cleared = !before.isEmpty()
                && before.getLast().op() instanceof Op.Clear
                && before.getLast().argument(0) == value;
        if (cleared) {
            before.removeLast();
        }
        return cleared;
    }

    /** Copies a struct or an array member by member: each one may then be a value of its own. */
    private void copy(Value from, int fromOffset, Value to, int toOffset, DataLayout layout) {
        switch (layout) {
            case StructLayout struct -> {
                for (StructField field : struct.fields()) {
                    copy(from, fromOffset + field.offset(), to, toOffset + field.offset(), field.layout());
                }
            }
            case ArrayLayout array -> {
                for (int i = 0; i < array.length(); i++) {
                    int step = i * array.element().size();
                    copy(from, fromOffset + step, to, toOffset + step, array.element());
                }
            }
            default -> {
                Type type = layout.size() == 8 ? Type.I64 : Type.I32;
                emitter.store(to, toOffset, layout.size(), emitter.load(type, from, fromOffset, layout.size(), false));
            }
        }
    }

    // ---- static fields ----

    private Value getStatic(String owner, String name, String type) {
        if (name.equals("$assertionsDisabled")) {
            return emitter.integer(0);
        }
        if (name.startsWith("$SwitchMap$")) {
            return translation.switchMap(SwitchMaps.read(translation.classes(), owner, name));
        }
        Optional<FieldModel> field = translation.classes().model(owner).fields().stream()
                .filter(candidate -> candidate.fieldName().equalsString(name))
                .findFirst();
        if (field.isEmpty()) {
            return emitter.unsupported(Types.of(type), "static field " + name + " was not found in " + owner);
        }
        return field.get().flags().has(AccessFlag.ENUM)
                ? emitter.integer(SwitchMaps.ordinal(translation.classes(), owner, name))
                : constant(owner, field.get(), name, type);
    }

    private Value constant(String owner, FieldModel field, String name, String type) {
        Optional<MapSpec> map = Maps.spec(translation.classes(), translation.layouts(), field);
        if (map.isPresent()) {
            translation.maps().put(map.get().name(), map.get());
            return emitter.function().mapAddress(map.get().name());
        }
        Long configured = translation.options().constants().get(owner.replace('/', '.') + "." + name);
        if (configured != null) {
            return emitter.function().constant(Types.of(type), configured);
        }
        Optional<Object> constant = field.findAttribute(Attributes.constantValue())
                .map(attribute -> (Object) attribute.constant().constantValue())
                .or(() -> Initialisers.constant(translation.classes(), owner, name));
        if (constant.isPresent() && constant.get() instanceof String text) {
            return translation.string(text);
        }
        if (constant.isPresent() && constant.get() instanceof Number number && type.length() == 1) {
            return emitter.function().constant(Types.of(type), number.longValue());
        }
        if (type.startsWith("[")) {
            return emitter.unsupported(Type.POINTER, name + " is an array in a static field: use a switch, or a map");
        }
        return emitter.unsupported(
                Types.of(type),
                "static field " + name + ": only maps (@BpfMap), enum constants and static final numbers can be read;"
                        + " give it a constant initialiser, or keep it in a map");
    }
}
