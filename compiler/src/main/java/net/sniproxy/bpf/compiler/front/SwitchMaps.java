package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Enums: their ordinals, and the tables that javac makes to switch on them. */
final class SwitchMaps {
    private SwitchMaps() {}

    /** The ordinal of an enum constant. */
    static int ordinal(ClassFiles classes, String owner, String constant) {
        return ordinals(classes.model(owner)).getOrDefault(constant, -1);
    }

    private static Map<String, Integer> ordinals(ClassModel model) {
        Map<String, Integer> ordinals = new HashMap<>();
        for (FieldModel field : model.fields()) {
            if (field.flags().has(AccessFlag.ENUM)) {
                ordinals.put(field.fieldName().stringValue(), ordinals.size());
            }
        }
        return ordinals;
    }

    /** Reads {@code table[CONSTANT.ordinal()] = number} from the static initialiser of javac's helper class. */
    static Map<Integer, Integer> read(ClassFiles classes, String owner, String table) {
        Map<Integer, Integer> result = new TreeMap<>();
        for (MethodModel method : classes.model(owner).methods()) {
            if (method.methodName().equalsString("<clinit>")) {
                method.code().ifPresent(code -> read(classes, code, table, result));
            }
        }
        return result;
    }

    private static void read(
            ClassFiles classes, Iterable<CodeElement> code, String table, Map<Integer, Integer> result) {
        boolean ours = false;
        int ordinal = -1;
        int number = -1;
        for (CodeElement element : code) {
            switch (element) {
                case FieldInstruction field
                when field.opcode() == Opcode.GETSTATIC -> {
                    String name = field.name().stringValue();
                    if (name.startsWith("$SwitchMap$")) {
                        ours = name.equals(table);
                    } else {
                        ordinal = ordinal(classes, field.owner().asInternalName(), name);
                    }
                }
                case ConstantInstruction constant
                when constant.constantValue() instanceof Integer value -> number = value;
                case ArrayStoreInstruction _ -> {
                    if (ours) {
                        result.put(ordinal, number);
                    }
                }
                default -> {}
            }
        }
    }
}
