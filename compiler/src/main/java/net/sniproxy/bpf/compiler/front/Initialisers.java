package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Constants that javac did not inline. {@code static final int LIMIT = Integer.valueOf(4096)} keeps a place that a
 * configuration can fill; without one the number in the initialiser counts.
 */
final class Initialisers {
    private Initialisers() {}

    /** The number that the static initialiser of {@code owner} gives to {@code field}, directly or through one call. */
    static Optional<Object> constant(ClassFiles classes, String owner, String field) {
        for (MethodModel method : classes.model(owner).methods()) {
            if (method.methodName().equalsString("<clinit>")) {
                return method.code().flatMap(code -> Optional.ofNullable(constant(code, field)));
            }
        }
        return Optional.empty();
    }

    private static @Nullable Object constant(CodeModel code, String field) {
        Object last = null;
        for (CodeElement element : code) {
            switch (element) {
                case ConstantInstruction constant -> last = constant.constantValue();
                // Boxing and unboxing keep the number.
                case InvokeInstruction call when boxes(call) -> {}
                case FieldInstruction put
                when put.opcode() == Opcode.PUTSTATIC -> {
                    if (put.name().equalsString(field)) {
                        return last;
                    }
                    last = null;
                }
                case Instruction _ -> last = null;
                default -> {}
            }
        }
        return null;
    }

    private static boolean boxes(InvokeInstruction call) {
        return call.owner().asInternalName().startsWith("java/lang/")
                && (call.name().equalsString("valueOf")
                        || call.name().stringValue().endsWith("Value"));
    }
}
