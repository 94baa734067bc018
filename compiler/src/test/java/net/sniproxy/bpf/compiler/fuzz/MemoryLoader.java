package net.sniproxy.bpf.compiler.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Map;

/** Classes that exist in memory only. */
final class MemoryLoader extends ClassLoader {
    private final Map<String, ByteArrayOutputStream> classes;

    MemoryLoader(Map<String, ByteArrayOutputStream> classes) {
        super(MemoryLoader.class.getClassLoader());
        this.classes = classes;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        ByteArrayOutputStream bytes = classes.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes.toByteArray(), 0, bytes.size());
    }

    @Override
    public InputStream getResourceAsStream(String path) {
        String name = path.replaceAll("\\.class$", "").replace('/', '.');
        ByteArrayOutputStream bytes = classes.get(name);
        return bytes == null ? super.getResourceAsStream(path) : new ByteArrayInputStream(bytes.toByteArray());
    }
}
