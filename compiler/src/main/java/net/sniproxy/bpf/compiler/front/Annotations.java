package net.sniproxy.bpf.compiler.front;

import java.lang.annotation.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.MethodModel;
import java.util.List;
import java.util.Optional;

/** Reads annotations from class files, without making the proxies that reflection would. */
final class Annotations {
    private Annotations() {}

    /** One annotation with its members. */
    record View(java.lang.classfile.Annotation annotation) {
        private Optional<AnnotationValue> value(String name) {
            return annotation.elements().stream()
                    .filter(element -> element.name().equalsString(name))
                    .map(AnnotationElement::value)
                    .findFirst();
        }

        int integer(String name, int absent) {
            return value(name)
                    .map(value -> value instanceof AnnotationValue.OfInt number ? number.intValue() : absent)
                    .orElse(absent);
        }

        boolean flag(String name) {
            return value(name)
                    .map(value -> value instanceof AnnotationValue.OfBoolean flag && flag.booleanValue())
                    .orElse(false);
        }

        String string(String name, String absent) {
            return value(name)
                    .map(value -> value instanceof AnnotationValue.OfString text ? text.stringValue() : absent)
                    .orElse(absent);
        }

        <E extends Enum<E>> Optional<E> constant(String name, Class<E> type) {
            return value(name)
                    .filter(AnnotationValue.OfEnum.class::isInstance)
                    .map(value -> Enum.valueOf(
                            type,
                            ((AnnotationValue.OfEnum) value).constantName().stringValue()));
        }

        <E extends Enum<E>> List<E> constants(String name, Class<E> type) {
            return value(name)
                    .filter(AnnotationValue.OfArray.class::isInstance)
                    .map(value -> ((AnnotationValue.OfArray) value)
                            .values().stream()
                                    .map(element -> Enum.valueOf(
                                            type,
                                            ((AnnotationValue.OfEnum) element)
                                                    .constantName()
                                                    .stringValue()))
                                    .toList())
                    .orElse(List.of());
        }
    }

    /** The annotation of this type on a class, field or method. */
    static Optional<View> find(AttributedElement element, Class<? extends Annotation> type) {
        return element.findAttribute(Attributes.runtimeVisibleAnnotations())
                .flatMap(attribute -> find(attribute.annotations(), type));
    }

    /** The annotation of this type on parameter number {@code index}, counted without the receiver. */
    static Optional<View> find(MethodModel method, int index, Class<? extends Annotation> type) {
        return method.findAttribute(Attributes.runtimeVisibleParameterAnnotations())
                .filter(attribute -> index < attribute.parameterAnnotations().size())
                .flatMap(attribute -> find(attribute.parameterAnnotations().get(index), type));
    }

    private static Optional<View> find(
            List<java.lang.classfile.Annotation> annotations, Class<? extends Annotation> type) {
        String descriptor = type.descriptorString();
        return annotations.stream()
                .filter(annotation -> annotation.className().equalsString(descriptor))
                .map(View::new)
                .findFirst();
    }
}
