package net.sniproxy.bpf.compiler;

/** Gives the text of source lines, for the line information that the verifier and {@code bpftool} print. */
@FunctionalInterface
public interface SourceText {

    /**
     * The text of one line, without the line end; empty if it is not known.
     *
     * @param className the class in source form; nested classes with {@code $}
     * @param sourceFile the file name from the class file
     * @param line 1 based
     */
    String line(String className, String sourceFile, int line);

    /**
     * Text from source files packed as resources: {@code META-INF/sources/net/sniproxy/kernel/XdpIpFilter.java}. Each file
     * is read once; files that are not there give no text.
     */
    static SourceText ofResources(ClassLoader loader) {
        return new PackedSources(loader);
    }

    /** Knows no text. */
    static SourceText none() {
        return (_, _, _) -> "";
    }
}
