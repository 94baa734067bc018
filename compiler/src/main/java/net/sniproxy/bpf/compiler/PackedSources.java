package net.sniproxy.bpf.compiler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Source files among the resources of a class loader. */
final class PackedSources implements SourceText {
    private static final String ROOT = "META-INF/sources/";

    private final ClassLoader loader;
    private final Map<String, List<String>> files = new ConcurrentHashMap<>();

    PackedSources(ClassLoader loader) {
        this.loader = loader;
    }

    @Override
    public String line(String className, String sourceFile, int line) {
        int end = className.lastIndexOf('.');
        String packagePath = end < 0 ? "" : className.substring(0, end + 1).replace('.', '/');
        List<String> lines = files.computeIfAbsent(ROOT + packagePath + sourceFile, this::read);
        return line >= 1 && line <= lines.size() ? lines.get(line - 1).strip() : "";
    }

    private List<String> read(String resource) {
        try (InputStream in = loader.getResourceAsStream(resource)) {
            return in == null
                    ? List.of()
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList();
        } catch (IOException _) {
            // The text is a comfort of the verifier's log; without it the line number is still there.
            return List.of();
        }
    }
}
