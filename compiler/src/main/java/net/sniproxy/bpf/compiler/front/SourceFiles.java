package net.sniproxy.bpf.compiler.front;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;

/** Names of source files. */
final class SourceFiles {
    private SourceFiles() {}

    /** As the class file says; empty if it does not. */
    static String of(ClassModel model) {
        return model.findAttribute(Attributes.sourceFile())
                .map(attribute -> attribute.sourceFile().stringValue())
                .orElse("");
    }
}
