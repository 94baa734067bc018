package net.sniproxy.bpf.compiler.front;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds and parses class files; each one once. Names are internal: {@code java/lang/Integer}. */
final class ClassFiles {
    private final ClassLoader loader;
    private final Map<String, ClassModel> models = new HashMap<>();
    private final Set<String> loaded = new HashSet<>();

    /** A method and the class that declares it. */
    record Method(ClassModel owner, MethodModel model) {
        String ownerName() {
            return owner.thisClass().asInternalName();
        }

        String name() {
            return model.methodName().stringValue();
        }
    }

    ClassFiles(ClassLoader loader) {
        this.loader = loader;
    }

    ClassModel model(String internalName) {
        ClassModel known = models.get(internalName);
        if (known != null) {
            return known;
        }
        String resource = internalName + ".class";
        try (InputStream in = stream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("class file " + resource + " not found");
            }
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            models.put(internalName, model);
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read class file " + resource, e);
        }
    }

    private @Nullable InputStream stream(String resource) {
        InputStream in = loader.getResourceAsStream(resource);
        return in != null ? in : ClassLoader.getSystemResourceAsStream(resource);
    }

    /** The names of all classes that were asked for. */
    Set<String> names() {
        Set<String> names = new HashSet<>(models.keySet());
        names.addAll(loaded);
        return names;
    }

    /** The class itself, not initialised. */
    Class<?> loaded(String internalName) {
        loaded.add(internalName);
        try {
            return Class.forName(internalName.replace('/', '.'), false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("class " + internalName.replace('/', '.') + " not found", e);
        }
    }

    /** The method, looked for in the class, its superclasses and its interfaces. */
    Optional<Method> method(String owner, String name, String descriptor) {
        ClassModel model = model(owner);
        for (MethodModel method : model.methods()) {
            if (method.methodName().equalsString(name) && method.methodType().equalsString(descriptor)) {
                return Optional.of(new Method(model, method));
            }
        }
        Optional<Method> inherited = model.superclass()
                .map(ClassEntry::asInternalName)
                .filter(parent -> !parent.equals("java/lang/Object"))
                .flatMap(parent -> method(parent, name, descriptor));
        if (inherited.isPresent()) {
            return inherited;
        }
        return model.interfaces().stream()
                .flatMap(parent -> method(parent.asInternalName(), name, descriptor).stream())
                .findFirst();
    }
}
