package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Type;

/** Java's types and conditions as the graph has them. */
final class Types {
    private Types() {}

    static Type of(TypeKind kind) {
        return switch (kind) {
            case BOOLEAN, BYTE, CHAR, SHORT, INT -> Type.I32;
            case LONG -> Type.I64;
            case REFERENCE -> Type.POINTER;
            case VOID -> Type.NONE;
            case FLOAT -> Type.I32;
            case DOUBLE -> Type.I64;
        };
    }

    static Type of(String descriptor) {
        return of(TypeKind.fromDescriptor(descriptor));
    }

    /** Bytes in memory of a primitive; 8 for references. */
    static int size(String descriptor) {
        return switch (descriptor.charAt(0)) {
            case 'Z', 'B' -> 1;
            case 'C', 'S' -> 2;
            case 'I', 'F' -> 4;
            default -> 8;
        };
    }

    /** Whether Java extends the sign when it reads such a field. */
    static boolean signed(String descriptor) {
        return descriptor.equals("B") || descriptor.equals("S");
    }

    static Condition condition(Opcode opcode) {
        return switch (opcode) {
            case IFEQ, IF_ICMPEQ, IF_ACMPEQ, IFNULL -> Condition.EQ;
            case IFNE, IF_ICMPNE, IF_ACMPNE, IFNONNULL -> Condition.NE;
            case IFLT, IF_ICMPLT -> Condition.SLT;
            case IFLE, IF_ICMPLE -> Condition.SLE;
            case IFGT, IF_ICMPGT -> Condition.SGT;
            case IFGE, IF_ICMPGE -> Condition.SGE;
            default -> throw new IllegalArgumentException(opcode + " is no condition");
        };
    }
}
