package net.sniproxy.bpf.compiler.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles Java source to classes without a file. */
final class MemoryCompiler {
    private MemoryCompiler() {}

    /** A loader of the classes; {@code getResourceAsStream} gives their class files. */
    static MemoryLoader compile(Programs programs) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> errors = new DiagnosticCollector<>();
        Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
        try (JavaFileManager files = new Output(compiler.getStandardFileManager(errors, null, null), classes)) {
            boolean done = compiler.getTask(
                            null, files, errors, List.of("-g", "-proc:none"), null, List.of(new Source(programs)))
                    .call();
            if (!done) {
                throw new AssertionError("javac refused\n" + programs.source() + errors.getDiagnostics());
            }
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        return new MemoryLoader(classes);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(Programs programs) {
            super(URI.create("mem:///" + programs.className() + ".java"), Kind.SOURCE);
            this.text = programs.source();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> classes;

        Output(JavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
            super(files);
            this.classes = classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + className + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return classes.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
