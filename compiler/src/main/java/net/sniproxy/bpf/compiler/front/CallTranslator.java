package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.layout.Struct;

/** Translates calls: the language's own methods to operations, the JDK's known ones too, all others in place. */
final class CallTranslator {
    private static final String LANGUAGE = "net/sniproxy/bpf/compiler/lang/";

    private final Translation translation;
    private final Emitter emitter;
    private final LanguageMethods language;
    private final JdkMethods jdk;

    CallTranslator(Translation translation) {
        this.translation = translation;
        this.emitter = translation.emitter();
        this.language = new LanguageMethods(translation);
        this.jdk = new JdkMethods(translation);
    }

    /** A new object on the stack, all zero; its constructor is called next. */
    Value allocate(String className) {
        if (className.startsWith("java/") || throwable(className)) {
            return emitter.compileTime(
                    "new " + className.replace('/', '.') + ": kernel programs make only objects of their own classes");
        }
        Value object = emitter.allocate(translation.layouts().size(className));
        translation.classOf(object, className);
        return object;
    }

    private boolean throwable(String className) {
        return translation
                .classes()
                .model(className)
                .superclass()
                .map(parent -> parent.asInternalName())
                .filter(parent -> parent.startsWith("java/") && !parent.equals("java/lang/Object"))
                .filter(parent -> !parent.equals("java/lang/Record") && !parent.equals("java/lang/Enum"))
                .isPresent();
    }

    void invoke(InvokeInstruction call, Frame frame) {
        MethodTypeDesc type = call.typeSymbol();
        boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
        List<Value> arguments = frame.pop(type.parameterCount() + (isStatic ? 0 : 1));
        String owner = call.owner().asInternalName();
        Optional<Value> result = call(owner, call.name().stringValue(), type, isStatic, arguments);
        if (!type.returnType().equals(ConstantDescs.CD_void)) {
            frame.push(result.orElseGet(() -> emitter.function().undefined(typeOf(type.returnType()))));
        }
    }

    private static Type typeOf(ClassDesc type) {
        return Types.of(TypeKind.from(type));
    }

    private Optional<Value> call(
            String owner, String name, MethodTypeDesc type, boolean isStatic, List<Value> arguments) {
        if (!isStatic) {
            Optional<Translation.Lambda> lambda = translation.lambda(arguments.getFirst());
            if (lambda.isPresent()) {
                return callLambda(lambda.get(), arguments.subList(1, arguments.size()));
            }
        }
        // An enum constant is its ordinal.
        if (name.equals("ordinal") && !isStatic && arguments.getFirst().type() == Type.I32) {
            return Optional.of(arguments.getFirst());
        }
        if (owner.startsWith("java/")) {
            return callJdk(owner, name, type, isStatic, arguments);
        }
        String receiver = isStatic ? null : translation.classOf(arguments.getFirst());
        Optional<ClassFiles.Method> method = translation
                .classes()
                .method(receiver != null ? receiver : owner, name, type.descriptorString())
                .or(() -> translation.classes().method(owner, name, type.descriptorString()));
        if (method.isEmpty()) {
            return callJdk("java/lang/Object", name, type, isStatic, arguments);
        }
        Optional<LanguageMethods.Meaning> meaning = language.meaning(method.get());
        if (meaning.isPresent()) {
            return language.translate(meaning.get(), method.get(), arguments);
        }
        if (owner.startsWith(LANGUAGE) && !isStruct(method.get())) {
            return unsupported(
                    type,
                    owner + "." + name
                            + " is for the JVM run and for tests: kernel programs call only methods that are marked as"
                            + " operations or helpers");
        }
        if (FunctionMethods.isFunction(method.get())) {
            return FunctionMethods.call(translation, method.get(), arguments);
        }
        return MethodTranslator.inline(translation, method.get(), arguments);
    }

    private static boolean isStruct(ClassFiles.Method method) {
        return Annotations.find(method.owner(), Struct.class).isPresent();
    }

    private Optional<Value> callJdk(
            String owner, String name, MethodTypeDesc type, boolean isStatic, List<Value> arguments) {
        boolean constructor = name.equals("<init>");
        if (constructor) {
            return Optional.empty();
        }
        Optional<Value> known = jdk.translate(owner, name, type.descriptorString(), arguments);
        if (known.isPresent()) {
            return known;
        }
        if (isStatic
                && (owner.equals("java/lang/Math")
                        || owner.equals("java/lang/Integer")
                        || owner.equals("java/lang/Long"))) {
            Optional<ClassFiles.Method> method = translation.classes().method(owner, name, type.descriptorString());
            if (method.isPresent()) {
                return MethodTranslator.inline(translation, method.get(), arguments);
            }
        }
        if (owner.equals("java/lang/String")) {
            return unsupported(type, Translation.TEXT);
        }
        if (!isStatic && isFunctional(owner)) {
            return unsupported(type, Translation.LAMBDA);
        }
        return unsupported(
                type,
                "call of " + owner.replace('/', '.') + "." + name
                        + ": the kernel has no Java library; write it with integers, structs, maps and helpers");
    }

    private boolean isFunctional(String owner) {
        return Annotations.find(translation.classes().model(owner), FunctionalInterface.class)
                .isPresent();
    }

    private Optional<Value> unsupported(MethodTypeDesc type, String message) {
        Value value = emitter.unsupported(typeOf(type.returnType()), message.replace('/', '.'));
        return value.type() == Type.NONE ? Optional.empty() : Optional.of(value);
    }

    // ---- lambdas ----

    void dynamic(InvokeDynamicInstruction instruction, Frame frame) {
        List<Value> captured = frame.pop(instruction.typeSymbol().parameterCount());
        String factory = instruction.bootstrapMethod().owner().displayName();
        if (factory.equals("LambdaMetafactory")
                && instruction.bootstrapArgs().get(1) instanceof DirectMethodHandleDesc implementation) {
            frame.push(translation.lambda(new Translation.Lambda(implementation, captured)));
            return;
        }
        String what = switch (factory) {
            case "StringConcatFactory" -> "joining of strings: kernel programs have no text";
            case "ObjectMethods" -> "equals, hashCode and toString of a record: compare its components";
            case "SwitchBootstraps" -> "switch over patterns: switch over a number or an enum";
            default -> "invokedynamic of " + factory;
        };
        frame.push(emitter.unsupported(
                Types.of(TypeKind.from(instruction.typeSymbol().returnType())), what));
    }

    private Optional<Value> callLambda(Translation.Lambda lambda, List<Value> arguments) {
        DirectMethodHandleDesc target = lambda.implementation();
        List<Value> all = new ArrayList<>(lambda.captured());
        all.addAll(arguments);
        boolean isStatic = target.kind() == DirectMethodHandleDesc.Kind.STATIC
                || target.kind() == DirectMethodHandleDesc.Kind.INTERFACE_STATIC;
        String owner = Maps.internalName(target.owner().descriptorString());
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(target.lookupDescriptor());
        if (target.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR) {
            Value object = allocate(owner);
            all.addFirst(object);
            call(owner, "<init>", type, false, all);
            return Optional.of(object);
        }
        return call(owner, target.methodName(), type, isStatic, all);
    }
}
