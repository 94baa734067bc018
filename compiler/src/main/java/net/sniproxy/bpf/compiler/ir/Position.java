package net.sniproxy.bpf.compiler.ir;

/**
 * Where in the Java source an instruction comes from.
 *
 * @param className the class in source form, such as {@code net.sniproxy.kernel.XdpIpFilter}
 * @param method the method's name
 * @param sourceFile the file name from the class file, such as {@code XdpIpFilter.java}
 * @param line the line, 1 based; 0 when the class file has no line numbers
 */
public record Position(String className, String method, String sourceFile, int line) {
    @Override
    public String toString() {
        return className + "." + method + "(" + sourceFile + (line > 0 ? ":" + line : "") + ")";
    }
}
